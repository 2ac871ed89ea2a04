// @ts-nocheck: these packages are installed here alone (npm ci --prefix bench/sandbox).
import { randomUUID } from "node:crypto";

const MEMORY_MB = 128;
const TIMEOUT_MS = 1_000;

/** Every peer: a fresh isolate, runtime or worker for each run, JSON in and JSON out. */

const asFunction = (body) => `(function (input) {${body}\n})`;

/**
 * The isolate alone, in the server's own process: what a hostile script could abort, stall or fill.
 */
export async function isolatedVm() {
  const { default: ivm } = await import("isolated-vm");
  return {
    name: "isolated-vm in process",
    async run(body, input) {
      const isolate = new ivm.Isolate({ memoryLimit: MEMORY_MB });
      try {
        const context = await isolate.createContext();
        const code = `return JSON.stringify(${asFunction(body)}(JSON.parse($0)))`;
        return JSON.parse(
          await context.evalClosure(code, [JSON.stringify(input)], { timeout: TIMEOUT_MS }),
        );
      } finally {
        if (!isolate.isDisposed) isolate.dispose();
      }
    },
    async close() {},
  };
}

/** An interpreter compiled to WebAssembly, in the server's own process. */
export async function quickJs() {
  const { getQuickJS, shouldInterruptAfterDeadline } = await import("quickjs-emscripten");
  const engine = await getQuickJS();
  return {
    name: "quickjs-emscripten in process",
    async run(body, input) {
      const interruptHandler = shouldInterruptAfterDeadline(Date.now() + TIMEOUT_MS);
      const runtime = engine.newRuntime({
        memoryLimitBytes: MEMORY_MB * 2 ** 20,
        interruptHandler,
      });
      const context = runtime.newContext();
      try {
        context
          .newString(JSON.stringify(input))
          .consume((text) => context.setProp(context.global, "$0", text));
        const answer = context.evalCode(`JSON.stringify(${asFunction(body)}(JSON.parse($0)))`);
        return JSON.parse(
          context.unwrapResult(answer).consume((handle) => context.getString(handle)),
        );
      } finally {
        context.dispose();
        runtime.dispose();
      }
    },
    async close() {},
  };
}

/**
 * workerd's worker loader: a fresh isolate in a process that all guests share, asked over HTTP on
 * loopback.
 */
export async function workerLoader() {
  const { Miniflare } = await import("miniflare");
  const compatibilityDate = "2026-07-30";
  const script = `export default {
    async fetch(request, env) {
      const { id, code, input } = await request.json();
      const worker = env.LOADER.get(id, () => ({
        compatibilityDate: "${compatibilityDate}",
        mainModule: "guest.js",
        modules: { "guest.js": code },
        globalOutbound: null,
      }));
      return worker.getEntrypoint().fetch("http://guest/", { method: "POST", body: input });
    },
  };`;
  // Without \`cf\` it would look for a file on the network.
  const server = new Miniflare({
    modules: true,
    script,
    compatibilityDate,
    workerLoaders: { LOADER: {} },
    cf: false,
  });
  const url = await server.ready;
  return {
    name: "workerd, a fresh isolate",
    async run(body, input) {
      const code = `export default { async fetch(request) {
        return Response.json(${asFunction(body)}(await request.json()));
      } };`;
      const order = JSON.stringify({ id: randomUUID(), code, input: JSON.stringify(input) });
      const response = await fetch(url, { method: "POST", body: order });
      if (!response.ok) throw new Error(await response.text());
      return response.json();
    },
    close: () => server.dispose(),
  };
}
