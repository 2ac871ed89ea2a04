// @ts-check
// The child that runs Python: node python.js <isolated-vm addon> <limits as JSON> <Pyodide's folder> [load | make].
// Pyodide runs inside an isolate: straight in Node, one line of Python reaches `process`. `load`: descriptor 4 is Python's
// memory as it was after loading, which saves most of two seconds; `make`: this child writes it to its output and ends.
"use strict";
const { randomBytes } = require("node:crypto");
const { readFileSync, writeSync } = require("node:fs");
const { dropRights, forward, open, report, send, serve } = require("./port.js");

const [, , addonPath = "", limitsJson = "", folder = "", mode = ""] = process.argv;
const SNAPSHOT_FD = 4;
const MAX_RANDOM_BYTES = 4_096;
const MAX_SLEEPERS = 1_000;

const limits = JSON.parse(limitsJson);
const { ivm } = /** @type {{ ivm: typeof import("isolated-vm") }} */ (require(addonPath));
const ours = (/** @type {string} */ name) => readFileSync(`${__dirname}/${name}`, "utf8");
const harden = ours("harden.js");
const bootstrap = ours("bootstrap.js");
const host = ours("python-host.js");
const skill = ["skill.py", "fetch.py", "script.py"].map(ours).join("\n");
const pyodide = readFileSync(`${folder}/pyodide.mjs`, "utf8");
const engine = readFileSync(`${folder}/pyodide.asm.mjs`, "utf8");
const lock = JSON.parse(readFileSync(`${folder}/pyodide-lock.json`, "utf8"));
const assets = {
  wasm: handOver(readFileSync(`${folder}/pyodide.asm.wasm`)),
  zip: handOver(readFileSync(`${folder}/python_stdlib.zip`)),
  snapshot: mode === "load" ? handOver(readFileSync(SNAPSHOT_FD)) : undefined,
};
dropRights();

/** Pyodide needs what the hardening takes away; WebAssembly goes again when it is up. */
const KEEP = "globalThis.__kept = { WebAssembly, FinalizationRegistry, WeakRef };";
const RESTORE = `
for (const [name, value] of Object.entries(globalThis.__kept)) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}
delete globalThis.__kept;`;

/**
 * Evaluated as a module. What is loaded is handed to the closure that asks for it, and leaves no
 * name behind.
 */
const LOADER = `
import createPyodideModule from "engine";
import { loadPyodide } from "pyodide";
globalThis.__load = async (lockJson, snapshot, making) => {
  let tell;
  const lockFileContents = new Promise((resolve) => { tell = resolve; });
  return loadPyodide({
    indexURL: "/pyodide/",
    packageBaseUrl: "/pyodide/",
    lockFileContents,
    createPyodideModule: async (settings) => {
      const module = await createPyodideModule(settings);
      tell(JSON.parse(lockJson));
      return module;
    },
    stdout: () => {},
    stderr: () => {},
    jsglobals: Object.create(null),
    env: { HOME: "/home/skill" },
    ...(making ? { _makeSnapshot: true } : {}),
    ...(snapshot ? { _loadSnapshot: snapshot } : {}),
  });
};`;

/**
 * Takes what \`__load\` gives, and gives how to start a script. Nothing of Pyodide stays in reach
 * by name.
 */
const STARTER = `
const python = globalThis.__python;
delete globalThis.__python;
const { exchange, finish, printTo } = $0;
const print = printTo($3);
const { parse, stringify } = JSON;
const entry = python.globals.get("__skill_entry");
const parseOnly = python.globals.get("__skill_parse");
python.runPython("_forget_javascript()");
const answer = async (request) => {
  try {
    return '{"response":' + (await exchange(request)) + "}";
  } catch (error) {
    return stringify({ message: String(error.message), code: error.code });
  }
};
return {
  // The first run of a script compiles much of Python: ours goes first, while the child waits.
  async warm() {
    for (const code of $2) await entry(code, '{"a":[1,2.5,"x"]}', "null", answer, $1);
  },
  check: (code) => finish(parse(String(parseOnly(code)))),
  start(code, input, prev) {
    void (async () => {
      try {
        const { printed, told } = parse(String(await entry(code, input, prev, answer, $1)));
        for (const line of printed) print(line);
        finish(told);
      } catch (error) {
        const message = String(error && error.message).slice(0, 500).toWellFormed();
        finish({ type: "error", name: "Error", message, stack: "" });
      }
    })();
  },
};`;

/** The statements of most scripts. */
const WARM_UP = [
  "import math\nreturn {'a': [str(x) for x in input['a']], 'n': math.floor(2.5), 't': f'{1:>4}'.strip().upper()}",
  "def main(input, prev):\n    total = 0\n    for x in input['a']:\n        total += len(str(x))\n    return {'total': total, **input}",
  "raise ValueError('x')",
];

/**
 * Moves a file's bytes into the isolate without a copy.
 * @param {Buffer} bytes
 */
function handOver(bytes) {
  const { buffer, byteOffset, length } = bytes;
  const whole =
    byteOffset === 0 && buffer.byteLength === length ? buffer : Uint8Array.from(bytes).buffer;
  return new ivm.ExternalCopy(whole, { transferOut: true }).copyInto({
    release: true,
    transferIn: true,
  });
}

async function main() {
  const isolate = new ivm.Isolate({
    memoryLimit: limits.memoryMb,
    onCatastrophicError: () => send({ type: "memory" }),
  });
  const context = await isolate.createContext();
  await context.eval(KEEP);
  await context.eval(harden);
  await context.eval(RESTORE);
  const shell = await prepareShell(context);
  const python = await loadPyodide(isolate, context);
  if (mode === "make") return writeOut(await makeSnapshot(context, python));
  if (mode !== "load") await context.evalClosure("$0.runPython($1)", [python.derefInto(), skill]);
  /** @type {import("isolated-vm").Reference<any>} */
  const api = await startBootstrap(context);
  await context.evalClosure("globalThis.__python = $0;", [python.derefInto()]);
  let isTraced = false;
  const printed = new ivm.Callback(
    (/** @type {unknown} */ text) => isTraced && typeof text === "string" && forward(text),
    { ignored: true },
  );
  const starter = await context.evalClosure(
    STARTER,
    [api.derefInto(), limits.outputBytes, WARM_UP, printed],
    {
      arguments: { copy: true },
      result: { reference: true },
    },
  );
  await shell.drop();
  const warm = await starter.get("warm", { reference: true });
  await warm.apply(undefined, [], { result: { promise: true } });
  const start = await starter.get("start", { reference: true });
  const check = await starter.get("check", { reference: true });
  const deliver = await api.get("deliver", { reference: true });
  serve(isolate, {
    run: (job) => {
      isTraced = job.traced;
      const { timeoutMs: timeout } = job;
      if (job.parsedOnly)
        return check.apply(undefined, [open(job.code)], { timeout }).catch(report);
      return start
        .apply(undefined, [open(job.code), job.input, job.prev], { timeout })
        .catch(report);
    },
    deliver: (id, ok, json) => deliver.apply(undefined, [id, ok, json]),
  });
}

/** @param {import("isolated-vm").Context} context */
async function prepareShell(context) {
  let sleepers = 0;
  const random = new ivm.Callback((/** @type {number} */ bytes) =>
    randomBytes(Math.min(Math.max(bytes | 0, 0), MAX_RANDOM_BYTES)).toString("base64"),
  );
  const sleep = new ivm.Callback(
    (/** @type {number} */ id, /** @type {number} */ ms) => {
      if (sleepers >= MAX_SLEEPERS) return;
      sleepers++;
      setTimeout(() => {
        sleepers--;
        fire.applyIgnored(undefined, [id]);
      }, Number(ms) || 0);
    },
    { ignored: true },
  );
  const putUp = await context.eval(host, { reference: true });
  const shell = await context.evalClosure(
    "return $0({ random: $1, sleep: $2 }, { wasm: $3, zip: $4 });",
    [putUp.derefInto(), random, sleep, assets.wasm, assets.zip],
    { result: { reference: true } },
  );
  const fire = await shell.get("fire", { reference: true });
  const drop = await shell.get("drop", { reference: true });
  return { drop: () => drop.apply(undefined, []) };
}

/** @param {import("isolated-vm").Isolate} isolate @param {import("isolated-vm").Context} context */
async function loadPyodide(isolate, context) {
  const modules = new Map([
    ["engine", await isolate.compileModule(engine, { filename: "file:///pyodide.asm.mjs" })],
    ["pyodide", await isolate.compileModule(pyodide, { filename: "file:///pyodide.mjs" })],
  ]);
  const loader = await isolate.compileModule(LOADER, { filename: "file:///loader.mjs" });
  await loader.instantiate(context, (name) => {
    const found = modules.get(name);
    if (found) return found;
    throw new Error("there is no such module");
  });
  await loader.evaluate();
  const empty = JSON.stringify({ info: lock.info, packages: {} });
  return context.evalClosure(
    "const load = globalThis.__load; delete globalThis.__load; return load($0, $1, $2);",
    [empty, assets.snapshot, mode === "make"],
    { result: { reference: true, promise: true } },
  );
}

/** @param {import("isolated-vm").Context} context */
async function startBootstrap(context) {
  const said = new ivm.Callback(
    (/** @type {unknown} */ text) => typeof text === "string" && forward(text),
    {
      ignored: true,
    },
  );
  /** @type {import("isolated-vm").Reference<any>} */
  const make = await context.eval(bootstrap, { reference: true });
  return make.apply(undefined, [said, limits], {
    arguments: { copy: true },
    result: { reference: true },
  });
}

/** @param {import("isolated-vm").Context} context @param {import("isolated-vm").Reference<any>} python */
async function makeSnapshot(context, python) {
  await context.evalClosure("$0.runPython($1)", [python.derefInto(), skill]);
  return context.evalClosure("return $0.makeMemorySnapshot();", [python.derefInto()], {
    result: { copy: true },
  });
}

/** @param {Uint8Array} bytes */
function writeOut(bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EAGAIN") throw error;
    }
  }
  process.exit(0);
}

main().catch((error) => {
  report(error);
  process.exit(1);
});
