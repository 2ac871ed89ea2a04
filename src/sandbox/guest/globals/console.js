// What a script says of itself: read where a draft is tried, heard by nobody else.
/** @param {Record<string, any>} kit */
(kit) => {
  "use strict";
  const { define, print: say, text, stringify } = kit;
  /** @param {unknown} value */
  const shown = (value) => {
    if (typeof value === "string") return value;
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    try {
      return (
        stringify(value, (/** @type {string} */ _, /** @type {unknown} */ inner) =>
          typeof inner === "bigint" ? `${inner}n` : inner,
        ) ?? text(value)
      );
    } catch {
      return text(value);
    }
  };
  const print = (/** @type {unknown[]} */ ...values) => say(values.map(shown).join(" "));
  const nothing = () => {};
  const console = {
    log: print,
    info: print,
    debug: print,
    warn: print,
    error: print,
    trace: print,
    dir: print,
    table: print,
  };
  define("console", {
    ...console,
    assert: (/** @type {unknown} */ holds, /** @type {unknown[]} */ ...values) =>
      holds || print("Assertion failed:", ...values),
    group: print,
    groupEnd: nothing,
    time: nothing,
    timeEnd: nothing,
    count: nothing,
  });
};
