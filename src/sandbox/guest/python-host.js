// Evaluated in Python's isolate before Pyodide: one function expression that puts up the little of
// a "shell" that Pyodide needs to start in a bare isolate, and takes it away again.
/**
 * @param {{ random(bytes: number): string, sleep(id: number, ms: number): void }} host
 * @param {{ wasm?: ArrayBuffer | undefined, zip?: ArrayBuffer | undefined }} assets
 */
(host, assets) => {
  "use strict";
  const { defineProperty, freeze } = Object;
  const MAX_TIMERS = 1_000;
  const MAX_SLEEP_MS = 60_000;
  const nothing = () => {};

  /** @param {string} name @param {unknown} value */
  const define = (name, value) =>
    defineProperty(globalThis, name, {
      value,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  /** @param {string} name */
  const refusing = (name) => () => {
    throw new Error(`${name} is not available`);
  };

  define(
    "console",
    freeze({ log: nothing, info: nothing, debug: nothing, warn: nothing, error: nothing }),
  );
  define("performance", freeze({ now: () => Date.now() }));
  // That these two are functions makes Pyodide take its "shell" mode.
  define("read", refusing("read()"));
  define("load", refusing("load()"));
  define("readbuffer", (/** @type {unknown} */ path) => {
    const name = String(path);
    if (name.endsWith(".wasm")) return assets.wasm;
    if (name.endsWith(".zip")) return assets.zip;
    throw new Error("there is no such file");
  });
  // Randomness is read the way a shell would: `head -c<n> /dev/random | base64`.
  define("os", {
    system: (/** @type {string} */ _command, /** @type {string[]} */ args) =>
      host.random(Number(/^head -c(\d+) /.exec(String(args[1]))?.[1])),
  });
  define("TextEncoder", Utf8Encoder);
  define("TextDecoder", Decoder);

  let lastTimer = 0;
  /** @type {Map<number, () => void>} */
  const timers = new Map();
  /** @param {number} id */
  const fire = (id) => {
    const due = timers.get(id);
    timers.delete(id);
    due?.();
  };
  /** @param {(...args: unknown[]) => void} callback @param {number} ms @param {unknown[]} args */
  const later = (callback, ms, ...args) => {
    if (typeof callback !== "function")
      throw new TypeError("setTimeout: the callback must be a function");
    if (timers.size >= MAX_TIMERS) throw new RangeError(`more than ${MAX_TIMERS} timers`);
    const id = ++lastTimer;
    timers.set(id, () => callback(...args));
    if (ms > 0) host.sleep(id, Math.min(ms, MAX_SLEEP_MS));
    else void Promise.resolve().then(() => fire(id));
    return id;
  };
  define("setTimeout", later);
  define("clearTimeout", (/** @type {number} */ id) => timers.delete(id));

  // Asynchronous compilation never ends in an isolate, which has no task queue of its own.
  const wasm = /** @type {any} */ (globalThis).WebAssembly;
  const { Module, Instance } = wasm;
  wasm.compile = async (/** @type {ArrayBuffer} */ bytes) => new Module(bytes);
  wasm.instantiate = async (/** @type {unknown} */ source, imports = {}) => {
    if (source instanceof Module) return new Instance(source, imports);
    const module = new Module(source);
    return { module, instance: new Instance(module, imports) };
  };
  Reflect.deleteProperty(wasm, "compileStreaming");
  Reflect.deleteProperty(wasm, "instantiateStreaming");

  function Utf8Encoder() {}
  defineProperty(Utf8Encoder.prototype, "encoding", { value: "utf-8" });
  /** @param {string} [text] */
  Utf8Encoder.prototype.encode = (text = "") => {
    const source = String(text);
    const target = new Uint8Array(source.length * 3);
    return target.slice(0, encodeInto(source, target).written);
  };
  Utf8Encoder.prototype.encodeInto = encodeInto;

  /** @param {string} source @param {Uint8Array} target */
  function encodeInto(source, target) {
    let read = 0;
    let written = 0;
    for (const character of source) {
      const bytes = utf8(character.codePointAt(0) ?? 0);
      if (written + bytes.length > target.length) break;
      for (const byte of bytes) target[written++] = byte;
      read += character.length;
    }
    return { read, written };
  }

  /** @param {number} point */
  function utf8(point) {
    if (point < 0x80) return [point];
    if (point < 0x800) return [0xc0 | (point >> 6), 0x80 | (point & 63)];
    if (point >= 0xd800 && point < 0xe000) return [0xef, 0xbf, 0xbd];
    if (point < 0x1_0000)
      return [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)];
    return [
      0xf0 | (point >> 18),
      0x80 | ((point >> 12) & 63),
      0x80 | ((point >> 6) & 63),
      0x80 | (point & 63),
    ];
  }

  /** @this {any} @param {string} [label] @param {{ fatal?: boolean, ignoreBOM?: boolean }} [options] */
  function Decoder(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
    const name = String(label).toLowerCase();
    if (/^utf-?8$/.test(name)) this.encoding = "utf-8";
    else if (/^utf-16(?:le)?$/.test(name)) this.encoding = "utf-16le";
    else if (/^(?:latin1|ascii|us-ascii|iso-8859-1|windows-1252)$/.test(name))
      this.encoding = "latin1";
    else throw new RangeError("unsupported encoding");
    this.fatal = fatal;
    this.ignoreBOM = ignoreBOM;
  }
  /** @this {any} @param {ArrayBuffer | ArrayBufferView} [source] */
  Decoder.prototype.decode = function (source) {
    if (source === undefined) return "";
    const bytes = ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source);
    if (this.encoding === "utf-8") return decodeUtf8(bytes, this.fatal, this.ignoreBOM);
    const units =
      this.encoding === "latin1"
        ? bytes
        : new Uint16Array(bytes.slice(0, bytes.length & ~1).buffer);
    return textOf(units);
  };

  /** @param {ArrayLike<number>} units */
  function textOf(units) {
    const CHUNK = 8_192;
    let text = "";
    for (let at = 0; at < units.length; at += CHUNK) {
      text += String.fromCharCode(...Array.prototype.slice.call(units, at, at + CHUNK));
    }
    return text;
  }

  /** @param {Uint8Array} bytes @param {boolean} fatal @param {boolean} keepMark */
  function decodeUtf8(bytes, fatal, keepMark) {
    /** @type {number[]} */
    const units = [];
    const marked = !keepMark && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    let at = marked ? 3 : 0;
    while (at < bytes.length) {
      const { point, length } = pointAt(bytes, at);
      if (point === undefined && fatal) throw new TypeError("the encoded data is not valid UTF-8");
      at += length;
      const shown = point === undefined ? 0xfffd : point;
      if (shown > 0xffff)
        units.push(0xd800 | ((shown - 0x1_0000) >> 10), 0xdc00 | ((shown - 0x1_0000) & 1_023));
      else units.push(shown);
    }
    return textOf(units);
  }

  /**
   * The code point that begins here; none where the bytes are not UTF-8, and then how many of them to leave out.
   * @param {Uint8Array} bytes @param {number} at
   * @returns {{ point: number | undefined, length: number }}
   */
  function pointAt(bytes, at) {
    const first = Number(bytes[at]);
    if (first < 0x80) return { point: first, length: 1 };
    // Others are the middle of a letter, overlong forms, or beyond Unicode.
    if (first < 0xc2 || first >= 0xf5) return { point: undefined, length: 1 };
    let more = 1;
    if (first >= 0xe0) more = first >= 0xf0 ? 3 : 2;
    // Of the second byte some values are overlong forms, surrogates, or beyond Unicode.
    let low = 0x80;
    if (first === 0xe0) low = 0xa0;
    if (first === 0xf0) low = 0x90;
    let high = 0xbf;
    if (first === 0xed) high = 0x9f;
    if (first === 0xf4) high = 0x8f;
    let point = first & (0x3f >> more);
    for (let index = 1; index <= more; index++) {
      const byte = bytes[at + index];
      const fits =
        byte !== undefined &&
        byte >= (index === 1 ? low : 0x80) &&
        byte <= (index === 1 ? high : 0xbf);
      if (!fits) return { point: undefined, length: index };
      point = (point << 6) | (byte & 63);
    }
    return { point, length: more + 1 };
  }

  return {
    fire,
    /** Pyodide is up: a guest has no use for what it was started with. */
    drop() {
      for (const name of ["load", "read", "readbuffer"]) Reflect.deleteProperty(globalThis, name);
      // Not deleted: then a getter on a prototype would be asked for it, and handed the global
      // object.
      defineProperty(globalThis, "WebAssembly", {
        value: undefined,
        writable: false,
        configurable: false,
      });
      assets.wasm = undefined;
      assets.zip = undefined;
      freeze(/** @type {any} */ (globalThis).os);
    },
  };
};
