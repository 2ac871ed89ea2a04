// Texts and bytes.
/** @param {Record<string, any>} kit */
(kit) => {
  "use strict";
  const { define, ask, text, bytesOf, latin, fromLatin, DOMException } = kit;
  class TextEncoder {
    get encoding() {
      return "utf-8";
    }
    encode(input = "") {
      return fromLatin(ask("utf8", text(input)));
    }
    /** @param {string} source @param {Uint8Array} destination */
    encodeInto(source, destination) {
      let [read, written] = [0, 0];
      for (const letter of text(source)) {
        const bytes = this.encode(letter);
        if (written + bytes.length > destination.length) break;
        destination.set(bytes, written);
        written += bytes.length;
        read += letter.length;
      }
      return { read, written };
    }
  }
  class TextDecoder {
    #label;
    #options;
    constructor(
      label = "utf-8",
      /** @type {{ fatal?: boolean, ignoreBOM?: boolean }} */ options = {},
    ) {
      this.#options = { fatal: Boolean(options.fatal), ignoreBOM: Boolean(options.ignoreBOM) };
      try {
        this.#label = ask("encoding", text(label));
      } catch {
        throw new RangeError(`the encoding ${text(label)} is not known`);
      }
    }
    get encoding() {
      return this.#label;
    }
    get fatal() {
      return this.#options.fatal;
    }
    get ignoreBOM() {
      return this.#options.ignoreBOM;
    }
    /** @param {unknown} [input] */
    decode(input) {
      if (input === undefined) return "";
      return ask("decode", [this.#label, this.#options, latin(bytesOf(input))]);
    }
  }
  define("TextEncoder", TextEncoder);
  define("TextDecoder", TextDecoder);
  define("btoa", (/** @type {unknown} */ input) => {
    const binary = text(input);
    for (let at = 0; at < binary.length; at++) {
      if (binary.charCodeAt(at) > 255)
        throw new DOMException(
          "btoa: the text has characters beyond one byte",
          "InvalidCharacterError",
        );
    }
    return ask("btoa", binary);
  });
  define("atob", (/** @type {unknown} */ input) => {
    try {
      return ask("atob", text(input));
    } catch {
      throw new DOMException("atob: the text is not base64", "InvalidCharacterError");
    }
  });
};
