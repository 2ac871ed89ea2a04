// How a script says that an input is none for it, with a code that its version declares.
/** @param {Record<string, any>} kit */
(kit) => {
  "use strict";
  const { define, refuse } = kit;
  define("fail", (/** @type {unknown} */ code) => refuse(code));
};
