import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createApp } from "../../src/app/create-app.ts";
import { loadConfig } from "../../src/config/config.ts";
import { createLogger } from "../../src/shared/logger.ts";
import { printRows, type Row, summarise } from "../measure.ts";
import { order } from "../order.ts";
import { SCRIPT } from "../script.ts";

/**
 * CPU and latency of a request over HTTP, each beside its floor in the same run; then a minute
 * under load.
 */
const root = fileURLToPath(new URL("../../", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "stack-mcp-bench-http-"));
const env = { PATH: process.env.PATH ?? "", STACK_HOME: home, STACK_MASTER_KEY: "ab".repeat(32) };
const NONE = Number.NaN;
const KEYS = 120;
const TICKS_PER_SECOND = 100;
const LOAD_SECONDS = Number(process.env.BENCH_LOAD_SECONDS ?? 60);
const LOAD_CONNECTIONS = 200;

interface Target {
  readonly url: URL;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly headers?: Record<string, string>;
}

const keys: string[] = [];
let turn = 0;
/** Each key has its 600 a minute: they take turns. */
const nextKey = () => keys[turn++ % keys.length] ?? "";

async function start(
  file: string,
  args: readonly string[],
  more: Record<string, string> = {},
): Promise<Target> {
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...env, ...more },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const url = new URL(/http:\/\/[\d.]+:\d+/.exec(String(line))?.[0] ?? "");
  const stop = async () => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  return { url, pid: child.pid ?? 0, stop };
}

const agent = new Agent({ keepAlive: true, maxSockets: LOAD_CONNECTIONS });

/** Without a client library: what is measured is the server. */
function send(
  { url }: Target,
  { method, path, body, headers }: Ask,
  key: string,
): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const asked = request(
    {
      agent,
      hostname: url.hostname,
      port: url.port,
      method,
      path,
      headers: {
        authorization: `Bearer ${key}`,
        ...(text === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
        ...headers,
      },
    },
    (response) => {
      let answer = "";
      response.on("data", (chunk: Buffer) => {
        answer += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: answer }));
    },
  );
  asked.on("error", reject);
  asked.end(text);
  return promise;
}

function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1_000;
}

function residentMb(pid: number): number {
  return (
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024
  );
}

/** Two at once, so that the server always has something to do. */
async function cost(
  target: Target,
  ask: Ask,
  key: () => string,
  times: number,
): Promise<{ cpuUs: number; p50: number }> {
  const latencies: number[] = [];
  const run = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const began = performance.now();
      const { status, text } = await send(target, ask, key());
      if (status >= 300) throw new Error(`${ask.path}: ${status} ${text}`);
      latencies.push(performance.now() - began);
    }
  };
  await run(1_000);
  latencies.length = 0;
  const before = cpuMs(target.pid);
  await Promise.all([run(times / 2), run(times / 2)]);
  return { cpuUs: ((cpuMs(target.pid) - before) * 1_000) / times, p50: summarise(latencies).p50 };
}

async function makeKeys(): Promise<void> {
  const app = await createApp(loadConfig(env), { log: createLogger("silent") });
  for (let i = 0; i < KEYS; i++) {
    const operator = await app.services.operators.create({
      name: `bench-${i}`,
      plan: "enterprise",
      fundCents: 100_000,
      claimTypes: [],
    });
    keys.push(operator.api_key);
  }
  await app.stop(0);
}

async function restRows(ours: Target, floor: Target): Promise<Row[]> {
  const key = keys[0] ?? "";
  const get = { method: "GET", path: "/v1/billing/balance" };
  const { text } = await send(ours, { method: "POST", path: "/v1/skills", body: SCRIPT }, key);
  const { id } = JSON.parse(text) as { id: string };
  const post = { method: "POST", path: `/v1/skills/${id}/quote`, body: { input: { n: 1 } } };
  const floorKey = () => "floor";
  const rows: Row[] = [];
  for (const [what, ask, aim] of [
    ["GET the balance", get, "2 ×"],
    ["POST a quote", post, "3 ×"],
  ] as const) {
    const bare = await cost(floor, ask, floorKey, 12_000);
    const own = await cost(ours, ask, nextKey, 12_000);
    rows.push({
      what: `${what}, CPU a request`,
      ours: own.cpuUs,
      floor: bare.cpuUs,
      unit: "µs",
      aim,
    });
    rows.push({
      what: `${what}, p50, 2 at once`,
      ours: own.p50,
      floor: bare.p50,
      unit: "ms",
      aim: "",
    });
  }
  return [...rows, ...(await invokeRows(ours, id))];
}

async function invokeRows(ours: Target, id: string): Promise<Row[]> {
  const invoke = { method: "POST", path: `/v1/skills/${id}/invoke`, body: order({ n: 1 }) };
  let left = 200;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (left-- > 0) await send(ours, invoke, nextKey());
    }),
  );
  const rate = 200 / ((performance.now() - began) / 1_000);
  return [
    {
      what: "sealed invocations over REST, 8 at once",
      ours: rate,
      floor: NONE,
      unit: "a second",
      aim: "sandbox",
    },
  ];
}

async function mcpRows(ours: Target, floor: Target): Promise<Row[]> {
  const call = (name: string, input: object) => {
    const version = "2026-07-28";
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": version,
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const headers = {
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": version,
      "mcp-method": "tools/call",
      "mcp-name": name,
    };
    const body = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name, arguments: input, _meta },
    };
    return { method: "POST", path: "/mcp", body, headers };
  };
  const bare = await cost(floor, call("echo", { text: "hello" }), () => "floor", 6_000);
  const own = await cost(ours, call("stack_get_balance", {}), nextKey, 6_000);
  return [
    {
      what: "tools/call over HTTP, CPU a call",
      ours: own.cpuUs,
      floor: bare.cpuUs,
      unit: "µs",
      aim: "1.3 ×",
    },
    {
      what: "tools/call over HTTP, p50, 2 at once",
      ours: own.p50,
      floor: bare.p50,
      unit: "ms",
      aim: "1.3 ×",
    },
  ];
}

/** Mixed requests over many connections: nothing fails, and memory does not grow. */
async function loadRows(ours: Target): Promise<Row[]> {
  const { text } = await send(ours, { method: "GET", path: "/v1/skills?search=adds" }, nextKey());
  const { id } = (JSON.parse(text) as { items: [{ id: string }] }).items[0];
  const asks: Ask[] = [
    { method: "GET", path: "/v1/billing/balance" },
    { method: "GET", path: "/v1/skills?search=adds" },
    { method: "GET", path: `/v1/skills/${id}` },
    { method: "POST", path: `/v1/skills/${id}/quote`, body: { input: { n: 1 } } },
    { method: "POST", path: `/v1/skills/${id}/invoke`, body: order({ n: 1 }) },
  ];
  const until = performance.now() + LOAD_SECONDS * 1_000;
  const memory: number[] = [];
  const sampling = setInterval(() => memory.push(residentMb(ours.pid)), 1_000);
  const statuses = new Map<number, number>();
  await Promise.all(
    Array.from({ length: LOAD_CONNECTIONS }, async (_, connection) => {
      // 600 a minute and key: each connection keeps within its share.
      const key = keys[connection % keys.length] ?? "";
      for (let i = connection; performance.now() < until; i++) {
        const began = performance.now();
        const { status } = await send(ours, asks[i % asks.length] as Ask, key);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const rest = 210 - (performance.now() - began);
        if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      }
    }),
  );
  clearInterval(sampling);
  const total = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  const failed = [...statuses].reduce(
    (sum, [status, count]) => sum + (status >= 300 ? count : 0),
    0,
  );
  const part = (from: number, to: number) =>
    summarise(memory.slice(Math.floor(memory.length * from), Math.floor(memory.length * to))).p50;
  return [
    {
      what: `${LOAD_SECONDS} s, ${LOAD_CONNECTIONS} connections, mixed`,
      ours: total / LOAD_SECONDS,
      floor: NONE,
      unit: "a second",
      aim: "",
    },
    { what: "of them refused or failed", ours: failed, floor: NONE, unit: `of ${total}`, aim: "0" },
    {
      what: "resident, last third beside the middle one",
      ours: part(0.67, 1),
      floor: part(0.33, 0.67),
      unit: "MB",
      aim: "1.1 ×",
    },
  ];
}

try {
  await makeKeys();
  const floorFile = join(root, "bench/http/floor.ts");
  const targets = [
    await start(join(root, "dist/main.js"), ["serve", "--port", "0"]),
    await start(floorFile, ["http"], { FLOOR_KEY: "floor" }),
    await start(floorFile, ["mcp"]),
  ] as const;
  const [ours, http, mcp] = targets;
  printRows([
    ...(await restRows(ours, http)),
    ...(await mcpRows(ours, mcp)),
    ...(await loadRows(ours)),
  ]);
  agent.destroy();
  for (const target of targets) await target.stop();
} finally {
  rmSync(home, { recursive: true, force: true });
}
