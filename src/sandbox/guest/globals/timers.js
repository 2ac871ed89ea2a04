// Time, within the step's own. Gives back what runs a timer that is due.
/** @param {Record<string, any>} kit */
(kit) => {
  "use strict";
  const { define, sleep, fail } = kit;
  const MAX_TIMERS = 1_000;
  let lastTimer = 0;
  /** @type {Map<number, { run: () => void, every?: number }>} */
  const timers = new Map();
  /** @param {unknown} callback @param {unknown} ms @param {unknown[]} args @param {boolean} repeats */
  const later = (callback, ms, args, repeats) => {
    if (typeof callback !== "function") throw new TypeError("the callback must be a function");
    if (timers.size >= MAX_TIMERS) throw new RangeError(`more than ${MAX_TIMERS} timers at once`);
    const delay = Math.max(0, Number(ms) || 0);
    const id = ++lastTimer;
    timers.set(id, { run: () => callback(...args), ...(repeats ? { every: delay } : {}) });
    sleep(id, delay);
    return id;
  };
  define(
    "setTimeout",
    (
      /** @type {unknown} */ callback,
      /** @type {unknown} */ ms,
      /** @type {unknown[]} */ ...args
    ) => later(callback, ms, args, false),
  );
  define(
    "setInterval",
    (
      /** @type {unknown} */ callback,
      /** @type {unknown} */ ms,
      /** @type {unknown[]} */ ...args
    ) => later(callback, Math.max(1, Number(ms) || 0), args, true),
  );
  const clear = (/** @type {unknown} */ id) => void timers.delete(Number(id));
  define("clearTimeout", clear);
  define("clearInterval", clear);
  define("queueMicrotask", (/** @type {unknown} */ callback) => {
    if (typeof callback !== "function") throw new TypeError("the callback must be a function");
    void Promise.resolve()
      .then(() => callback())
      .catch(fail);
  });

  return (/** @type {number} */ id) => {
    const due = timers.get(id);
    if (due === undefined) return;
    if (due.every === undefined) timers.delete(id);
    else sleep(id, due.every);
    try {
      due.run();
    } catch (thrown) {
      fail(thrown);
    }
  };
};
