// The way out, and the everyday surface of what comes back.
/** @param {Record<string, any>} kit */
(kit) => {
  "use strict";
  const { define, text, parse, stringify, exchange, bytesOf, latin, fromLatin } = kit;
  const { defineProperty, entries, freeze } = Object;
  const { URLSearchParams, TextEncoder, TextDecoder, atob, btoa } = globalThis;

  class Headers {
    /** @type {Map<string, string>} */
    #all = new Map();
    /** @param {any} [init] */
    constructor(init = {}) {
      const pairs = typeof init?.[Symbol.iterator] === "function" ? init : entries(init ?? {});
      for (const [name, value] of pairs) this.append(name, value);
    }
    /** @param {unknown} name @param {unknown} value */
    append(name, value) {
      const key = text(name).toLowerCase();
      const before = this.#all.get(key);
      this.#all.set(key, before === undefined ? text(value) : `${before}, ${text(value)}`);
    }
    /** @param {unknown} name @param {unknown} value */
    set(name, value) {
      this.#all.set(text(name).toLowerCase(), text(value));
    }
    /** @param {unknown} name */
    get(name) {
      return this.#all.get(text(name).toLowerCase()) ?? null;
    }
    /** @param {unknown} name */
    has(name) {
      return this.#all.has(text(name).toLowerCase());
    }
    /** @param {unknown} name */
    delete(name) {
      this.#all.delete(text(name).toLowerCase());
    }
    /** @param {(value: string, name: string, headers: Headers) => void} callback */
    forEach(callback) {
      for (const [name, value] of this) callback(value, name, this);
    }
    entries() {
      return [...this.#all].sort(([a], [b]) => (a < b ? -1 : 1)).values();
    }
    *keys() {
      for (const [name] of this) yield name;
    }
    *values() {
      for (const [, value] of this) yield value;
    }
    [Symbol.iterator]() {
      return this.entries();
    }
  }
  define("Headers", Headers);

  /** @param {object} target @param {string} name @param {unknown} value */
  const hidden = (target, name, value) =>
    defineProperty(target, name, { value, enumerable: false, configurable: true });

  /**
   * A record of headers that can be asked as Headers are. @param {Record<string, string>} record
   */
  const askable = (record) => {
    const headers = new Headers(record);
    for (const name of ["get", "has", "forEach", "entries", "keys", "values", Symbol.iterator]) {
      const method = /** @type {any} */ (headers)[name];
      if (!(name in record)) hidden(record, /** @type {string} */ (name), method.bind(headers));
    }
    return record;
  };

  /**
   * The answer of a call: `{status, headers, body}`, and beside them what people expect of a Response.
   * @param {{ status: number, headers: Record<string, string>, body: string, encoding?: string }} response
   * @param {string} url
   */
  const responseOf = (response, url) => {
    const { status, headers, body, encoding } = response;
    const bytes = () =>
      encoding === "base64" ? fromLatin(atob(body)) : new TextEncoder().encode(body);
    askable(headers);
    hidden(response, "ok", status >= 200 && status < 300);
    hidden(response, "url", url);
    hidden(response, "text", async () =>
      encoding === "base64" ? new TextDecoder().decode(bytes()) : body,
    );
    hidden(response, "json", async () => parse(body));
    hidden(response, "bytes", async () => bytes());
    hidden(response, "arrayBuffer", async () => bytes().buffer);
    hidden(response, "clone", () => responseOf({ ...response, headers: { ...headers } }, url));
    return response;
  };

  /** A body as the server takes it: text, a JSON value, or bytes as base64. @param {any} body */
  const bodyOf = (body) => {
    if (body instanceof URLSearchParams)
      return { body: body.toString(), type: "application/x-www-form-urlencoded" };
    if (body instanceof ArrayBuffer || ArrayBuffer.isView(body))
      return { body: btoa(latin(bytesOf(body))), encoding: "base64" };
    return { body };
  };

  /** @param {any} init */
  const requestOf = (init) => {
    if (typeof init !== "object" || init === null) return init ?? null;
    const { signal: _heardHere, body: given, headers: asked, ...rest } = init;
    const { body, type, encoding } = bodyOf(given);
    const isList = typeof asked?.[Symbol.iterator] === "function";
    const headers = isList ? Object.fromEntries(asked) : asked;
    const isTyped =
      type === undefined ||
      entries(headers ?? {}).some(([name]) => name.toLowerCase() === "content-type");
    return {
      ...rest,
      ...(headers === undefined && isTyped
        ? {}
        : { headers: isTyped ? headers : { ...headers, "content-type": type } }),
      ...(body === undefined ? {} : { body }),
      ...(encoding === undefined ? {} : { encoding }),
    };
  };

  /** @param {unknown} url @param {any} [init] */
  async function proxy_fetch(url, init) {
    const address = typeof url === "string" ? url : text(url);
    const signal = init?.signal;
    signal?.throwIfAborted();
    const answer = exchange(stringify([address, requestOf(init)]));
    if (!signal) return responseOf(parse(await answer), address);
    const { promise, reject } = Promise.withResolvers();
    signal.addEventListener("abort", () => reject(signal.reason));
    return responseOf(parse(await Promise.race([answer, promise])), address);
  }
  const pinned = {
    value: freeze(proxy_fetch),
    writable: false,
    configurable: false,
    enumerable: true,
  };
  defineProperty(globalThis, "proxy_fetch", pinned);
  defineProperty(globalThis, "fetch", pinned);
};
