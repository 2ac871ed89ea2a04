// Copies of values.
/** @param {Record<string, any>} kit */
(kit) => {
  "use strict";
  const { define, text, DOMException } = kit;
  /** @param {any} value @param {Map<object, unknown>} seen @returns {any} */
  const cloned = (value, seen) => {
    if (typeof value === "function" || typeof value === "symbol")
      throw new DOMException(`${text(value).slice(0, 100)} could not be cloned.`, "DataCloneError");
    if (typeof value !== "object" || value === null) return value;
    if (seen.has(value)) return seen.get(value);
    /** @template T @param {T} copy */
    const keep = (copy) => {
      seen.set(value, copy);
      return copy;
    };
    if (value instanceof Date) return keep(new Date(value.getTime()));
    if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
    if (value instanceof ArrayBuffer) return keep(value.slice(0));
    if (ArrayBuffer.isView(value)) {
      const View = /** @type {any} */ (value.constructor);
      const buffer = cloned(value.buffer, seen);
      return keep(
        new View(
          buffer,
          value.byteOffset,
          value instanceof DataView ? value.byteLength : /** @type {any} */ (value).length,
        ),
      );
    }
    if (value instanceof Map) {
      const copy = keep(new Map());
      for (const [key, inner] of value) copy.set(cloned(key, seen), cloned(inner, seen));
      return copy;
    }
    if (value instanceof Set) {
      const copy = keep(new Set());
      for (const inner of value) copy.add(cloned(inner, seen));
      return copy;
    }
    if (value instanceof Error) {
      /** @type {Record<string, ErrorConstructor>} */
      const kinds = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
      const Kind = kinds[value.name] ?? Error;
      return keep(new Kind(value.message));
    }
    /** @type {any} */
    const copy = keep(Array.isArray(value) ? new Array(value.length) : {});
    for (const key of Object.keys(value)) copy[key] = cloned(value[key], seen);
    return copy;
  };
  define("structuredClone", (/** @type {unknown} */ value) => cloned(value, new Map()));
};
