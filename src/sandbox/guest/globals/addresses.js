// Addresses.
/** @param {Record<string, any>} kit */
(kit) => {
  "use strict";
  const { define, ask, text } = kit;
  const { defineProperty } = Object;
  /** @type {(params: URLSearchParams, search: string, changed: () => void) => void} */
  let bindParams;
  class URLSearchParams {
    /** @type {[string, string][]} */
    #pairs = [];
    /** @type {() => void} */
    #changed = () => {};
    /** @param {any} [init] */
    constructor(init = "") {
      if (init instanceof URLSearchParams)
        this.#pairs = [...init].map(([name, value]) => [name, value]);
      else if (typeof init === "object" && init !== null) {
        const entries =
          typeof init[Symbol.iterator] === "function" ? [...init] : Object.entries(init);
        for (const entry of entries) {
          const pair = [...entry];
          if (pair.length !== 2)
            throw new TypeError("URLSearchParams: each pair has a name and a value");
          this.#pairs.push([text(pair[0]).toWellFormed(), text(pair[1]).toWellFormed()]);
        }
      } else this.#pairs = ask("params", text(init));
    }
    /** @param {URLSearchParams} params @param {string} search @param {() => void} changed */
    static #bind(params, search, changed) {
      params.#pairs = ask("params", search);
      params.#changed = changed;
    }
    static {
      bindParams = URLSearchParams.#bind;
    }
    get size() {
      return this.#pairs.length;
    }
    /** @param {unknown} name @param {unknown} value */
    append(name, value) {
      this.#pairs.push([text(name).toWellFormed(), text(value).toWellFormed()]);
      this.#changed();
    }
    /** @param {unknown} name @param {unknown} [value] */
    delete(name, value) {
      this.#pairs = this.#pairs.filter(
        ([n, v]) => n !== text(name) || (value !== undefined && v !== text(value)),
      );
      this.#changed();
    }
    /** @param {unknown} name */
    get(name) {
      return this.#pairs.find(([n]) => n === text(name))?.[1] ?? null;
    }
    /** @param {unknown} name */
    getAll(name) {
      return this.#pairs.filter(([n]) => n === text(name)).map(([, value]) => value);
    }
    /** @param {unknown} name @param {unknown} [value] */
    has(name, value) {
      return this.#pairs.some(
        ([n, v]) => n === text(name) && (value === undefined || v === text(value)),
      );
    }
    /** @param {unknown} name @param {unknown} value */
    set(name, value) {
      const first = this.#pairs.findIndex(([n]) => n === text(name));
      if (first < 0) return this.append(name, value);
      this.#pairs[first] = [text(name).toWellFormed(), text(value).toWellFormed()];
      this.#pairs = this.#pairs.filter(([n], at) => at <= first || n !== text(name));
      this.#changed();
    }
    sort() {
      this.#pairs.sort(([a], [b]) => {
        if (a === b) return 0;
        return a < b ? -1 : 1;
      });
      this.#changed();
    }
    /** @param {(value: string, name: string, params: URLSearchParams) => void} callback @param {unknown} [self] */
    forEach(callback, self) {
      for (const [name, value] of this.#pairs) callback.call(self, value, name, this);
    }
    *entries() {
      for (const [name, value] of this.#pairs) yield/** @type {[string, string]} */ ([name, value]);
    }
    *keys() {
      for (const [name] of this.#pairs) yield name;
    }
    *values() {
      for (const [, value] of this.#pairs) yield value;
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toString() {
      return ask("paramsText", this.#pairs);
    }
  }
  const PARTS = [
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
  class URL {
    /** @type {Record<string, string>} */
    #parts;
    #params = new URLSearchParams();
    /** @param {unknown} url @param {unknown} [base] */
    constructor(url, base) {
      this.#parts = ask("url", base === undefined ? [text(url)] : [text(url), text(base)]);
      this.#bind();
    }
    /** @param {unknown} url @param {unknown} [base] */
    static canParse(url, base) {
      return URL.parse(url, base) !== null;
    }
    /** @param {unknown} url @param {unknown} [base] */
    static parse(url, base) {
      try {
        return new URL(url, base);
      } catch {
        return null;
      }
    }
    #bind() {
      bindParams(this.#params, this.#parts.search ?? "", () => {
        const search = this.#params.toString();
        this.#parts = ask("urlWith", [this.#parts.href, "search", search]);
      });
    }
    get searchParams() {
      return this.#params;
    }
    get origin() {
      return this.#parts.origin;
    }
    get href() {
      return this.#parts.href ?? "";
    }
    set href(value) {
      this.#parts = ask("url", [text(value)]);
      this.#bind();
    }
    toString() {
      return this.href;
    }
    toJSON() {
      return this.href;
    }
    /** @param {URL} url @param {string} part */
    static #get(url, part) {
      return url.#parts[part];
    }
    /** @param {URL} url @param {string} part @param {unknown} value */
    static #set(url, part, value) {
      url.#parts = ask("urlWith", [url.#parts.href, part, text(value)]);
      url.#bind();
    }
    static {
      const [get, set] = [URL.#get, URL.#set];
      for (const part of PARTS) {
        defineProperty(URL.prototype, part, {
          /** @this {URL} */
          get() {
            return get(this, part);
          },
          /** @this {URL} @param {unknown} value */
          set(value) {
            set(this, part, value);
          },
          configurable: true,
          enumerable: true,
        });
      }
    }
  }
  define("URL", URL);
  define("URLSearchParams", URLSearchParams);
};
