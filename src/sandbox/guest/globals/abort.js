// Giving up.
/** @param {Record<string, any>} kit */
(kit) => {
  "use strict";
  const { define, text, DOMException } = kit;
  const { setTimeout } = globalThis;
  class EventTarget {
    /** @type {Map<string, Set<Function>>} */
    #listeners = new Map();
    /** @param {unknown} type @param {unknown} listener */
    addEventListener(type, listener) {
      const known = this.#listeners.get(text(type)) ?? new Set();
      if (typeof listener === "function") this.#listeners.set(text(type), known.add(listener));
    }
    /** @param {unknown} type @param {any} listener */
    removeEventListener(type, listener) {
      this.#listeners.get(text(type))?.delete(listener);
    }
    /** @param {any} event */
    dispatchEvent(event) {
      for (const listener of [...(this.#listeners.get(text(event.type)) ?? [])])
        listener.call(this, event);
      return true;
    }
  }
  class AbortSignal extends EventTarget {
    aborted = false;
    /** @type {unknown} */
    reason = undefined;
    /** @type {unknown} */
    onabort = null;
    throwIfAborted() {
      if (this.aborted) throw this.reason;
    }
    /** @param {unknown} [reason] */
    static abort(reason) {
      const controller = new AbortController();
      controller.abort(reason);
      return controller.signal;
    }
    /** @param {number} ms */
    static timeout(ms) {
      const controller = new AbortController();
      setTimeout(
        () => controller.abort(new DOMException("The operation timed out.", "TimeoutError")),
        ms,
      );
      return controller.signal;
    }
    /** @param {Iterable<AbortSignal>} signals */
    static any(signals) {
      const controller = new AbortController();
      for (const signal of signals) {
        if (signal.aborted) controller.abort(signal.reason);
        else signal.addEventListener("abort", () => controller.abort(signal.reason));
      }
      return controller.signal;
    }
  }
  class AbortController {
    signal = new AbortSignal();
    /** @param {unknown} [reason] */
    abort(reason = new DOMException("The operation was aborted.", "AbortError")) {
      const { signal } = this;
      if (signal.aborted) return;
      signal.aborted = true;
      signal.reason = reason;
      const event = { type: "abort", target: signal };
      if (typeof signal.onabort === "function") signal.onabort.call(signal, event);
      signal.dispatchEvent(event);
    }
  }
  define("EventTarget", EventTarget);
  define("AbortSignal", AbortSignal);
  define("AbortController", AbortController);
};
