// Evaluated in the hardened context: one function expression, called once with the callback that
// sends a text to the host and the limits. It captures every intrinsic it uses, because the guest
// can replace them on the global object later.
/**
 * @param {(message: string) => void} send
 * @param {Record<"fetchCalls" | "fetchInFlight" | "fetchRequestBytes" | "outputBytes" | "guestMessageChars" | "printedLines", number>} limits
 */
(send, limits) => {
  "use strict";
  const { parse, stringify } = JSON;
  const { apply } = Reflect;
  const { create, defineProperty, hasOwn } = Object;
  const slice = String.prototype.slice;
  const wellFormed = String.prototype.toWellFormed;
  const GuestPromise = Promise;
  const GuestError = Error;
  const GuestRangeError = RangeError;
  const GuestTypeError = TypeError;
  const text = String;
  const NOT_DEFINED = " is not defined";

  /**
   * A descriptor without a prototype, to which a guest could have added fields.
   * @param {unknown} value @param {boolean} enumerable
   */
  const described = (value, enumerable) => {
    const descriptor = create(null);
    descriptor.value = value;
    descriptor.enumerable = enumerable;
    return descriptor;
  };

  let calls = 0;
  let inFlight = 0;
  /** @type {Record<number, { resolve(value: unknown): void, reject(message: string, code: string): void }>} */
  const waiting = create(null);

  /**
   * Asks the host for one request, `[url, init]` as JSON text. Resolves with the response as JSON text.
   * @param {string} request
   * @returns {Promise<string>}
   */
  function exchange(request) {
    return new GuestPromise((resolve, reject) => {
      if (calls >= limits.fetchCalls)
        throw new GuestRangeError(`proxy_fetch: more than ${limits.fetchCalls} calls`);
      if (inFlight >= limits.fetchInFlight)
        throw new GuestRangeError(`proxy_fetch: more than ${limits.fetchInFlight} calls in flight`);
      if (request.length > limits.fetchRequestBytes)
        throw new GuestRangeError(
          `proxy_fetch: the request is larger than ${limits.fetchRequestBytes} bytes`,
        );
      calls++;
      inFlight++;
      // Made here, its stack has the line that asked.
      const failure = new GuestError("proxy_fetch");
      waiting[calls] = {
        resolve,
        reject: (message, code) => {
          defineProperty(failure, "message", described(message, false));
          defineProperty(failure, "code", described(code, true));
          reject(failure);
        },
      };
      send(stringify({ __proto__: null, type: "fetch", id: calls, request }));
    });
  }

  const packages =
    "a script has no packages and no files: what it needs stands in its code, or behind proxy_fetch";
  /** The way out of what a script of another place looks for. @type {Record<string, string>} */
  const ways = {
    require: packages,
    module: packages,
    exports: packages,
    process: "a script has no environment: its input is $INPUT",
    Buffer: "Uint8Array, TextEncoder, btoa and atob are here",
    window: "there is no browser here",
    document: "there is no browser here",
    XMLHttpRequest: "proxy_fetch reaches the hosts that the skill declares",
  };
  /** @param {string} message */
  const withWay = (message) => {
    const name = apply(slice, message, [0, message.length - NOT_DEFINED.length]);
    const isKnown = message === `${name}${NOT_DEFINED}` && hasOwn(ways, name);
    const way = isKnown ? ways[name] : undefined;
    return way === undefined ? message : `${message}: ${way}`;
  };

  /**
   * A thrown value may be a Proxy that throws again: name, message and stack are each read once, guarded and cut.
   * @param {any} thrown
   */
  function describe(thrown) {
    /** @param {string} [key] */
    const read = (key) => {
      try {
        const value = key === undefined ? thrown : thrown[key];
        const shown = typeof value === "string" ? value : text(value);
        return apply(slice, shown, [0, limits.guestMessageChars]);
      } catch {
        return "";
      }
    };
    if (typeof thrown !== "object" || thrown === null)
      return { name: "Error", message: read(undefined), stack: "" };
    return { name: read("name"), message: withWay(read("message")), stack: read("stack") };
  }

  let finished = false;
  /** @param {object} message */
  function finish(message) {
    if (finished) return;
    finished = true;
    // Without a prototype there is no toJSON that a guest could have put there.
    send(stringify({ __proto__: null, ...message }));
  }

  /** @param {unknown} value */
  function finishWith(value) {
    const json = stringify(value);
    const result = json === undefined ? "null" : json;
    if (result.length > limits.outputBytes) finish({ type: "oversize" });
    else finish({ type: "result", json: result });
  }

  return {
    exchange,
    finish,
    /** @param {number} id @param {boolean} ok @param {string} json a response, or why there is none */
    deliver(id, ok, json) {
      const caller = waiting[id];
      if (caller === undefined) return;
      delete waiting[id];
      inFlight--;
      if (ok) return caller.resolve(json);
      const told = parse(json);
      caller.reject(told.message, told.code);
    },
    /**
     * Ends the run by a rule of the script's own: what it does afterwards counts for nothing.
     * @param {unknown} code
     */
    refuse(code) {
      if (typeof code !== "string")
        throw new GuestTypeError("fail takes the code of a refusal, which is a text");
      const cut = apply(wellFormed, apply(slice, code, [0, limits.guestMessageChars]), []);
      finish({ type: "refused", code: cut });
      throw new GuestError("the run is refused");
    },
    /**
     * Ends the run with what was thrown outside of it, in a timer's callback. @param {unknown}
     * thrown
     */
    fail: (thrown) => finish({ type: "error", ...describe(thrown) }),
    /**
     * Gives what sends a printed line, within the limits of lines.
     * @param {(message: string) => void} print
     */
    printTo(print) {
      let lines = 0;
      return (/** @type {unknown} */ line) => {
        if (lines >= limits.printedLines) return;
        lines++;
        const message = apply(
          wellFormed,
          apply(slice, text(line), [0, limits.guestMessageChars]),
          [],
        );
        print(stringify({ __proto__: null, type: "printed", text: message }));
      };
    },
    /** @param {(...values: unknown[]) => Promise<unknown>} main @param {string} inputJson @param {string} prevJson */
    start(main, inputJson, prevJson) {
      const input = parse(inputJson);
      const prev = parse(prevJson);
      void (async () => {
        try {
          finishWith(await main(input, prev, input, prev));
        } catch (thrown) {
          finish({ type: "error", ...describe(thrown) });
        }
      })();
    },
  };
};
