// @ts-check
// The child's entry: node runner.js <isolated-vm addon> <limits as JSON>. Frames come in on stdin and go out on stdout.
// Plain JavaScript, because Node's type stripping needs WebAssembly, which --jitless removes; CommonJS, because that is
// ready sooner. Runs one job and is killed.
"use strict";
const { readFileSync } = require("node:fs");
const { encodeFrame, frameReader } = require("./frames.js");

/**
 * @typedef {object} Job
 * @property {{ ciphertext: string, dataKey: string, additionalData: string }} code base64
 * @property {string} input JSON text
 * @property {string} prev JSON text
 * @property {number} timeoutMs
 */

const IV_BYTES = 12;
const TAG_BYTES = 16;
const MAX_FRAME_BYTES = 16 * 1024 * 1024;
const SCRIPT_NAME = "skill.js";

const addonPath = String(process.argv[2]);
const limits = JSON.parse(String(process.argv[3]));
const { ivm } = /** @type {{ ivm: typeof import("isolated-vm") }} */ (require(addonPath));
const harden = readFileSync(`${__dirname}/harden.js`, "utf8");
const bootstrap = readFileSync(`${__dirname}/bootstrap.js`, "utf8");
// Nothing is loaded or read from here on. `drop` came within the 24 line; before it these two rights stay, for these files.
const permission = /** @type {{ drop?(scope: string): void } | undefined} */ (
  /** @type {unknown} */ (process.permission)
);
permission?.drop?.("addon");
permission?.drop?.("fs.read");

const isolate = new ivm.Isolate({ memoryLimit: limits.memoryMb, onCatastrophicError: () => send({ type: "memory" }) });
const context = isolate.createContextSync();
context.evalSync(harden);
// `ignored`: an asynchronous callback's rejection would end this process.
const said = new ivm.Callback((/** @type {unknown} */ text) => typeof text === "string" && forward(text), {
  ignored: true,
});
/** @type {import("isolated-vm").Reference<any>} */
const api = context
  .evalSync(bootstrap, { reference: true })
  .applySync(undefined, [said, limits], { arguments: { copy: true }, result: { reference: true } });
const start = api.getSync("start", { reference: true });
const refuse = api.getSync("refuse", { reference: true });

/**
 * The bootstrap speaks for the guest, in JSON; the host adds what the guest cannot know about itself.
 * @param {string} message
 */
function forward(message) {
  const cpuMs = isolate.isDisposed ? 0 : Number(isolate.cpuTime / 1_000_000n);
  process.stdout.write(encodeFrame(`{"cpuMs":${cpuMs},"message":${message}}`));
}

/** @param {object} message */
function send(message) {
  forward(JSON.stringify(message));
}

/** @param {Job} job */
async function run(job) {
  try {
    // Two functions, so that a body may declare names of its own that the outer one gives it.
    const source = `(async ($INPUT, $PREV, input, prev) => (async () => {"use strict";\n${open(job.code)}\n})())`;
    const script = await isolate.compileScript(source, { filename: SCRIPT_NAME, lineOffset: -1 });
    const main = await script.run(context, { reference: true, timeout: job.timeoutMs });
    await start.apply(undefined, [main.derefInto(), job.input, job.prev], { timeout: job.timeoutMs });
  } catch (error) {
    report(error);
  }
}

/** @param {unknown} error */
function report(error) {
  const { name, message, stack } = /** @type {{ name?: unknown, message?: unknown, stack?: unknown }} */ (error ?? {});
  const said = String(message);
  if (/memory limit|disposed/i.test(said)) send({ type: "memory" });
  else if (/timed out/i.test(said)) send({ type: "timeout" });
  // Where a script cannot be parsed, V8 says it in the message.
  else send({ type: "error", name: cut(name), message: cut(said), stack: cut(`${said}\n${stack}`) });
}

/** @param {unknown} value */
function cut(value) {
  return String(value).slice(0, 2_000);
}

/**
 * Sealed code is opened here, in the process that runs it, and nowhere else.
 * @param {Job["code"]} sealed
 */
function open(sealed) {
  const bytes = Buffer.from(sealed.ciphertext, "base64");
  const key = Buffer.from(sealed.dataKey, "base64");
  const { createDecipheriv } = require("node:crypto");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES));
  decipher.setAAD(Buffer.from(sealed.additionalData)).setAuthTag(bytes.subarray(-TAG_BYTES));
  const plain = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  return plain.toString("utf8");
}

process.on("uncaughtException", report);
process.on("unhandledRejection", report);
process.stdin.on(
  "data",
  frameReader(MAX_FRAME_BYTES, {
    onFrame(text) {
      const message = JSON.parse(text);
      if (message.type === "run") void run(message);
      else refuse.apply(undefined, [message.id, message.reason]).catch(report);
    },
    onOversize: () => process.kill(process.pid, "SIGKILL"),
  }),
);
// Not `exit`: that waits for the guest, which may never stop.
process.stdin.on("end", () => process.kill(process.pid, "SIGKILL"));
send({ type: "ready" });
// Takes 10 ms without a JIT: loaded while the spare waits, and not before it is ready.
setImmediate(() => require("node:crypto"));
