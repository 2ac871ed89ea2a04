// @ts-check
// What a guest's globals ask of the child: texts in, texts out. Nothing here keeps anything but the count of what was drawn.
"use strict";

const MAX_CHARS = 4_000_000;
const PARTS = [
  "href",
  "origin",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
];
const SETTABLE = new Set(PARTS.slice(2));
const HASHES = new Map([
  ["SHA-1", "sha1"],
  ["SHA-256", "sha256"],
  ["SHA-384", "sha384"],
  ["SHA-512", "sha512"],
]);

/**
 * Randomness of one job, drawn from the bytes that came with it.
 * @param {Buffer} entropy
 * @returns {(bytes: number) => Buffer}
 */
function drawnFrom(entropy) {
  let drawn = 0;
  return (bytes) => {
    const { createHash } = require("node:crypto");
    const blocks = [];
    for (let made = 0; made < bytes; made += 64) {
      blocks.push(createHash("sha512").update(entropy).update(`:${drawn++}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, bytes);
  };
}

/** @param {URL} url */
function partsOf(url) {
  return Object.fromEntries(PARTS.map((part) => [part, /** @type {any} */ (url)[part]]));
}

/** @param {unknown} name */
function hashNamed(name) {
  const hash = HASHES.get(String(name));
  if (hash === undefined) throw new TypeError("the hash is not known");
  return hash;
}

/** @param {unknown} text */
function latin(text) {
  return Buffer.from(String(text), "latin1");
}

/**
 * @param {(bytes: number) => Buffer} random
 * @returns {Record<string, (asked: any) => unknown>}
 */
function functions(random) {
  return {
    utf8: (text) => Buffer.from(String(text).toWellFormed(), "utf8").toString("latin1"),
    encoding: (label) => new TextDecoder(String(label)).encoding,
    decode: ([label, { fatal, ignoreBOM }, binary]) =>
      new TextDecoder(String(label), {
        fatal: fatal === true,
        ignoreBOM: ignoreBOM === true,
      }).decode(latin(binary)),
    btoa: (binary) => btoa(String(binary)),
    atob: (text) => atob(String(text)),
    url: ([url, base]) =>
      partsOf(base === undefined ? new URL(String(url)) : new URL(String(url), String(base))),
    urlWith: ([href, part, value]) => {
      const url = new URL(String(href));
      if (SETTABLE.has(String(part))) /** @type {any} */ (url)[String(part)] = String(value);
      return partsOf(url);
    },
    params: (search) => [...new URLSearchParams(String(search))],
    paramsText: (pairs) =>
      new URLSearchParams(
        pairs.map((/** @type {any} */ [a, b]) => [String(a), String(b)]),
      ).toString(),
    digest: ([hash, data]) =>
      require("node:crypto")
        .createHash(hashNamed(hash))
        .update(latin(data))
        .digest()
        .toString("latin1"),
    hmac: ([hash, key, data]) =>
      require("node:crypto")
        .createHmac(hashNamed(hash), latin(key))
        .update(latin(data))
        .digest()
        .toString("latin1"),
    random: (bytes) => random(Math.min(Math.max(Number(bytes) | 0, 0), 65_536)).toString("latin1"),
  };
}

/**
 * Answers one question by name. Never throws, because a stack of the child leads to its paths: an error is a sentence.
 * @param {() => (bytes: number) => Buffer} random
 * @returns {(what: unknown, text: unknown) => string}
 */
function answering(random) {
  const known = functions((bytes) => random()(bytes));
  return (what, text) => {
    const answer = typeof what === "string" && Object.hasOwn(known, what) ? known[what] : undefined;
    if (answer === undefined || typeof text !== "string" || text.length > MAX_CHARS)
      return '{"error":"too much at once"}';
    try {
      return JSON.stringify({ value: answer(JSON.parse(text)) });
    } catch (error) {
      const { code, message } = /** @type {{ code?: unknown, message?: unknown }} */ (error);
      return JSON.stringify({
        error: code === "ERR_INVALID_URL" ? "Invalid URL" : String(message).slice(0, 200),
      });
    }
  };
}

module.exports = { answering, drawnFrom };
