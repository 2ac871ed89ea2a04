// Evaluated in a fresh context before anything else, as a script and not as a module: it takes away
// every way to make code out of text, and what a guest has no use for.
(() => {
  "use strict";
  const { defineProperty, getPrototypeOf } = Object;
  const { deleteProperty } = Reflect;
  const Refusal = EvalError;

  /** @param {string} name */
  const refusing = (name) => {
    const refusal = () => {
      throw new Refusal("Code generation from strings is disabled");
    };
    defineProperty(refusal, "name", { value: name });
    return refusal;
  };
  /** @param {object} target @param {string} key @param {unknown} value */
  const pin = (target, key, value) =>
    defineProperty(target, key, { value, writable: false, configurable: false, enumerable: false });

  const kinds = {
    Function: getPrototypeOf(() => {}),
    AsyncFunction: getPrototypeOf(async () => {}),
    GeneratorFunction: getPrototypeOf(function* () {}),
    AsyncGeneratorFunction: getPrototypeOf(async function* () {}),
  };
  for (const [name, prototype] of Object.entries(kinds)) {
    const stub = refusing(name);
    // `x instanceof Function` reads it.
    pin(stub, "prototype", prototype);
    pin(prototype, "constructor", stub);
    if (name === "Function") pin(globalThis, "Function", stub);
  }
  pin(globalThis, "eval", refusing("eval"));

  const unneeded = [
    "WebAssembly",
    "SharedArrayBuffer",
    "Atomics",
    "ShadowRealm",
    "console",
    "escape",
    "unescape",
    "FinalizationRegistry",
    "WeakRef",
  ];
  for (const name of unneeded) deleteProperty(globalThis, name);
})();
