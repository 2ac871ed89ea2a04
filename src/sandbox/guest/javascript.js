// @ts-check
// The child that runs JavaScript: node javascript.js <isolated-vm addon> <limits as JSON>. Runs one job and is killed.
"use strict";
const { readFileSync } = require("node:fs");
const { answering, drawnFrom } = require("./host-functions.js");
const { dropRights, forward, open, report, send, serve } = require("./port.js");

const SCRIPT_NAME = "skill.js";

const addonPath = String(process.argv[2]);
const limits = JSON.parse(String(process.argv[3]));
const { ivm } = /** @type {{ ivm: typeof import("isolated-vm") }} */ (require(addonPath));
const harden = readFileSync(`${__dirname}/harden.js`, "utf8");
const bootstrap = readFileSync(`${__dirname}/bootstrap.js`, "utf8");
/** In this order: each takes what those before it have put up. */
const GLOBALS = [
  "texts",
  "addresses",
  "crypto",
  "timers",
  "abort",
  "copies",
  "console",
  "fail",
  "fetch",
];
const MAX_SLEEPERS = 1_000;
const globals = Object.fromEntries(
  ["kit", ...GLOBALS].map((name) => [
    name,
    readFileSync(`${__dirname}/globals/${name}.js`, "utf8"),
  ]),
);
dropRights();

const isolate = new ivm.Isolate({
  memoryLimit: limits.memoryMb,
  onCatastrophicError: () => send({ type: "memory" }),
});
const context = isolate.createContextSync();
context.evalSync(harden);
// `ignored`: an asynchronous callback's rejection would end this process.
const said = new ivm.Callback(
  (/** @type {unknown} */ text) => typeof text === "string" && forward(text),
  {
    ignored: true,
  },
);
/** @type {import("isolated-vm").Reference<any>} */
const api = context
  .evalSync(bootstrap, { reference: true })
  .applySync(undefined, [said, limits], { arguments: { copy: true }, result: { reference: true } });
const finishWith = api.getSync("fail", { reference: true });
const refuse = api.getSync("refuse", { reference: true });
const exchange = api.getSync("exchange", { reference: true });
let draw = drawnFrom(Buffer.alloc(0));
let isTraced = false;
let sleepers = 0;
const ask = new ivm.Callback(answering(() => draw));
const print = new ivm.Callback(
  (/** @type {unknown} */ text) => isTraced && typeof text === "string" && forward(text),
  {
    ignored: true,
  },
);
const sleep = new ivm.Callback(
  (/** @type {unknown} */ id, /** @type {unknown} */ ms) => {
    if (sleepers >= MAX_SLEEPERS) return;
    sleepers++;
    setTimeout(
      () => {
        sleepers--;
        fire.applyIgnored(undefined, [Number(id)]);
      },
      Math.min(Number(ms) || 0, 60_000),
    );
  },
  { ignored: true },
);
/** @param {string} name */
const evaluated = (name) =>
  context.evalSync(String(globals[name]), { reference: true }).derefInto();
const printLine = api
  .getSync("printTo", { reference: true })
  .applySync(undefined, [print], { result: { reference: true } });
const kit = context.evalClosureSync(
  "return $0({ ask: $1, sleep: $2, print: $3, fail: $4, exchange: $5, refuse: $6 });",
  [
    evaluated("kit"),
    ask,
    sleep,
    printLine.derefInto(),
    finishWith.derefInto(),
    exchange.derefInto(),
    refuse.derefInto(),
  ],
  { result: { reference: true } },
);
const made = new Map(
  GLOBALS.map((name) => [
    name,
    context.evalClosureSync("return $0($1);", [evaluated(name), kit.derefInto()], {
      result: { reference: true },
    }),
  ]),
);
const fire = /** @type {import("isolated-vm").Reference<any>} */ (made.get("timers"));
const start = api.getSync("start", { reference: true });
const deliver = api.getSync("deliver", { reference: true });

/** @param {import("./port.js").Job} job */
async function run(job) {
  draw = drawnFrom(Buffer.from(job.entropy, "base64"));
  isTraced = job.traced;
  try {
    // Two functions, so that a body may declare names of its own that the outer one gives it.
    const source = `(async ($INPUT, $PREV, input, prev) => (async () => {"use strict";\n${open(job.code)}\n})())`;
    const script = await isolate.compileScript(source, { filename: SCRIPT_NAME, lineOffset: -1 });
    if (job.parsedOnly) return send({ type: "result", json: "null" });
    const main = await script.run(context, { reference: true, timeout: job.timeoutMs });
    await start.apply(undefined, [main.derefInto(), job.input, job.prev], {
      timeout: job.timeoutMs,
    });
  } catch (error) {
    report(error);
  }
}

serve(isolate, { run, deliver: (id, ok, json) => deliver.apply(undefined, [id, ok, json]) });
// Takes 10 ms without a JIT: loaded while the spare waits, and not before it is ready.
setImmediate(() => require("node:crypto"));
