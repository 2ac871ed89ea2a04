// @ts-check
// What the children of both runtimes have in common: the pipe to the server, and opening what is sealed. Plain JavaScript,
// because Node's type stripping needs WebAssembly, which --jitless removes; CommonJS, because that is ready sooner.
"use strict";
const { encodeFrame, frameReader } = require("./frames.js");

/**
 * @typedef {object} Job
 * @property {{ ciphertext: string, dataKey: string, additionalData: string }} code base64
 * @property {string} input JSON text
 * @property {string} prev JSON text
 * @property {number} timeoutMs
 * @property {string} entropy base64: its own randomness
 * @property {boolean} traced what it prints is wanted
 * @property {boolean} parsedOnly it is not run
 */
/**
 * @typedef {object} Guest
 * @property {(job: Job) => unknown} run
 * @property {(id: number, ok: boolean, json: string) => Promise<unknown>} deliver
 */

const IV_BYTES = 12;
const TAG_BYTES = 16;
const MAX_FRAME_BYTES = 32 * 1024 * 1024;
const GUEST_TEXT_CHARS = 2_000;

/** @type {{ isDisposed: boolean, cpuTime: bigint } | undefined} */
let measured;
/** The cost of getting ready is not the guest's. */
let cpuBefore = 0n;

/**
 * The bootstrap speaks for the guest, in JSON; the host adds what the guest cannot know about itself.
 * @param {string} message
 */
function forward(message) {
  const cpuMs =
    measured === undefined || measured.isDisposed
      ? 0
      : Number((measured.cpuTime - cpuBefore) / 1_000_000n);
  process.stdout.write(encodeFrame(`{"cpuMs":${cpuMs},"message":${message}}`));
}

/** @param {object} message */
function send(message) {
  forward(JSON.stringify(message));
}

/** @param {unknown} error */
function report(error) {
  const { name, message, stack } =
    /** @type {{ name?: unknown, message?: unknown, stack?: unknown }} */ (error ?? {});
  const said = String(message);
  if (/memory limit|disposed/i.test(said)) send({ type: "memory" });
  else if (/timed out/i.test(said)) send({ type: "timeout" });
  // Where a script cannot be parsed, V8 says it in the message.
  else
    send({ type: "error", name: cut(name), message: cut(said), stack: cut(`${said}\n${stack}`) });
}

/** @param {unknown} value */
function cut(value) {
  return String(value).slice(0, GUEST_TEXT_CHARS).toWellFormed();
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
  const plain = Buffer.concat([
    decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)),
    decipher.final(),
  ]);
  return plain.toString("utf8");
}

/**
 * Nothing more is loaded or read. `drop` came within the 24 line; before it these two rights stay,
 * for these files.
 */
function dropRights() {
  const permission = /** @type {{ drop?(scope: string): void } | undefined} */ (
    /** @type {unknown} */ (process.permission)
  );
  permission?.drop?.("addon");
  permission?.drop?.("fs.read");
}

/**
 * Takes jobs from the server from now on, and tells it so.
 * @param {{ isDisposed: boolean, cpuTime: bigint }} isolate
 * @param {Guest} guest
 */
function serve(isolate, guest) {
  measured = isolate;
  cpuBefore = isolate.cpuTime;
  process.stdin.on(
    "data",
    frameReader(MAX_FRAME_BYTES, {
      onFrame(text) {
        const message = JSON.parse(text);
        if (message.type === "run") guest.run(message);
        else guest.deliver(message.id, message.ok, message.json).catch(report);
      },
      onOversize: endNow,
    }),
  );
  send({ type: "ready" });
}

// Not `exit`: that waits for the guest, which may never stop.
function endNow() {
  process.kill(process.pid, "SIGKILL");
}

process.on("uncaughtException", report);
process.on("unhandledRejection", report);
process.stdin.on("end", endNow);

module.exports = { forward, send, report, open, dropRights, serve };
