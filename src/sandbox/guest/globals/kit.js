// The first of the files in this folder: one function expression, called once, that makes what the
// others share. The everyday globals of JavaScript are the isolate's own. What needs tables or
// native code asks the child by text: a text goes, a text comes back, and nothing of the child is
// in reach. A guest that replaces one of them harms itself alone.
/**
 * @param {{
 *   ask(what: string, text: string): string,
 *   sleep(id: number, ms: number): void,
 *   print(text: string): void,
 *   fail(thrown: unknown): void,
 *   refuse(code: unknown): void,
 *   exchange(request: string): Promise<string>,
 * }} host
 */
(host) => {
  "use strict";
  const { parse, stringify } = JSON;
  const { defineProperty } = Object;
  const text = String;
  const CHUNK = 8_192;

  /** @param {string} name @param {unknown} value */
  const define = (name, value) =>
    defineProperty(globalThis, name, {
      value,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  /** @param {string} what @param {unknown} asked @returns {any} */
  const ask = (what, asked) => {
    const answer = parse(host.ask(what, stringify(asked)));
    if ("error" in answer) throw new TypeError(answer.error);
    return answer.value;
  };

  class DOMException extends Error {
    /** @param {string} message @param {string} name */
    constructor(message = "", name = "Error") {
      super(message);
      defineProperty(this, "name", {
        value: name,
        configurable: true,
        writable: true,
        enumerable: false,
      });
    }
  }

  // Bytes as a text of one character each: what crosses to the child.
  /** @param {unknown} data @returns {Uint8Array} */
  const bytesOf = (data) => {
    if (data instanceof ArrayBuffer) return new Uint8Array(data);
    if (ArrayBuffer.isView(data))
      return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    throw new TypeError("an ArrayBuffer or a view of one is needed");
  };
  /** @param {Uint8Array} bytes */
  const latin = (bytes) => {
    let whole = "";
    for (let at = 0; at < bytes.length; at += CHUNK) {
      whole += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
    }
    return whole;
  };
  /** @param {string} binary */
  const fromLatin = (binary) => {
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
    return bytes;
  };
  define("DOMException", DOMException);
  return { ...host, define, ask, text, parse, stringify, bytesOf, latin, fromLatin, DOMException };
};
