// Randomness, digests and signatures.
/** @param {Record<string, any>} kit */
(kit) => {
  "use strict";
  const { define, ask, text, bytesOf, latin, fromLatin, DOMException } = kit;
  const RANDOM_BYTES = 65_536;
  const HASHES = new Set(["SHA-1", "SHA-256", "SHA-384", "SHA-512"]);
  /** @param {any} algorithm */
  const hashOf = (algorithm) => {
    const name = text(
      typeof algorithm === "object" && algorithm !== null ? algorithm.name : algorithm,
    ).toUpperCase();
    if (HASHES.has(name)) return name;
    throw new DOMException(`${name} is not one of ${[...HASHES].join(", ")}`, "NotSupportedError");
  };
  class CryptoKey {
    #raw;
    /** @param {Uint8Array} raw @param {string} hash */
    constructor(raw, hash) {
      this.#raw = latin(raw);
      this.algorithm = { name: "HMAC", hash: { name: hash }, length: raw.length * 8 };
      this.type = "secret";
    }
    /** @param {CryptoKey} key @param {unknown} data */
    static signed(key, data) {
      return fromLatin(ask("hmac", [key.algorithm.hash.name, key.#raw, latin(bytesOf(data))]));
    }
  }
  const { signed } = CryptoKey;
  /** @param {any} algorithm @param {unknown} key @returns {CryptoKey} */
  const hmacKey = (algorithm, key) => {
    const name = text(
      typeof algorithm === "object" && algorithm !== null ? algorithm.name : algorithm,
    ).toUpperCase();
    if (name === "HMAC" && key instanceof CryptoKey) return key;
    throw new DOMException("only HMAC signs here, with a key of importKey", "NotSupportedError");
  };
  const subtle = {
    /** @param {unknown} algorithm @param {unknown} data */
    async digest(algorithm, data) {
      return fromLatin(ask("digest", [hashOf(algorithm), latin(bytesOf(data))])).buffer;
    },
    /** @param {unknown} format @param {unknown} data @param {any} algorithm */
    async importKey(format, data, algorithm) {
      if (format !== "raw" || text(algorithm?.name).toUpperCase() !== "HMAC")
        throw new DOMException(
          'importKey takes ("raw", bytes, {name: "HMAC", hash})',
          "NotSupportedError",
        );
      return new CryptoKey(bytesOf(data).slice(), hashOf(algorithm.hash));
    },
    /** @param {unknown} algorithm @param {unknown} key @param {unknown} data */
    async sign(algorithm, key, data) {
      return signed(hmacKey(algorithm, key), data).buffer;
    },
    /** @param {unknown} algorithm @param {unknown} key @param {unknown} signature @param {unknown} data */
    async verify(algorithm, key, signature, data) {
      const [made, given] = [signed(hmacKey(algorithm, key), data), bytesOf(signature)];
      let different = made.length ^ given.length;
      for (let at = 0; at < made.length; at++) different |= (made[at] ?? 0) ^ (given[at] ?? 0);
      return different === 0;
    },
  };
  /** @param {number} bytes */
  const random = (bytes) => fromLatin(ask("random", bytes));
  define("crypto", {
    subtle,
    /** @template {ArrayBufferView} T @param {T} view @returns {T} */
    getRandomValues(view) {
      const bytes = bytesOf(view);
      if (bytes.length > RANDOM_BYTES)
        throw new DOMException(`at most ${RANDOM_BYTES} bytes at once`, "QuotaExceededError");
      bytes.set(random(bytes.length));
      return view;
    },
    randomUUID() {
      const bytes = random(16);
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    },
  });
};
