import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Runtime } from "../../src/domain/market/skill.ts";
import { candidateIsolations, type Isolation, layersOf } from "../../src/sandbox/isolation.ts";
import { Sandbox } from "../../src/sandbox/sandbox.ts";
import type { Json } from "../../src/shared/json.ts";
import { createLogger } from "../../src/shared/logger.ts";
import { Secret } from "../../src/shared/secret.ts";
import { additionalData, Vault } from "../../storage/vault/envelope.ts";
import { paced, type Samples, throughput } from "../measure.ts";

/** Every way to run the same small script, in one run. Latency is paced, so that a pool is full. */
const BODY: Readonly<Record<Runtime, string>> = {
  javascript: "let s = 0; for (const x of input.a) s += x; return { s };",
  python: "return {'s': sum(input['a'])}",
};
const INPUT = { a: [1, 2, 3] };
const PER_SECOND: Readonly<Record<Runtime, number>> = { javascript: 5, python: 1 };
const SAMPLES: Readonly<Record<Runtime, number>> = { javascript: 60, python: 15 };

interface Peer {
  readonly name: string;
  run(body: string, input: Json): Promise<unknown>;
  close(): Promise<void>;
}

const home = mkdtempSync(join(tmpdir(), "stack-mcp-bench-"));
const vault = new Vault(new Secret(randomBytes(32)));
const OWNER = "bench:1:code";

try {
  print("", "p50 ms", "p99 ms");
  await measurePeers();
  await measureLayers();
  await measurePython();
  await measureCold();
  await measureHop();
  await measureThroughput();
  await measureMemory();
} finally {
  rmSync(home, { recursive: true, force: true });
}

async function measurePeers(): Promise<void> {
  const peers = (await import(new URL("./peers.js", import.meta.url).href)) as Record<
    string,
    () => Promise<Peer>
  >;
  for (const open of Object.values(peers)) {
    const peer = await open();
    await show(peer.name, "javascript", () => peer.run(BODY.javascript, INPUT));
    await peer.close();
  }
}

/** Ours, with each set of layers that this machine has. */
async function measureLayers(): Promise<void> {
  for (const isolation of candidateIsolations().reverse()) {
    const ours = openSandbox([isolation]);
    const layers = layersOf(isolation).filter((layer) => layer !== "rlimits");
    await show(`ours: ${layers.join(", ") || "no optional layer"}`, "javascript", () =>
      ours.run("javascript"),
    );
    await ours.close();
  }
}

async function measurePython(): Promise<void> {
  const ours = openSandbox();
  await show("ours: Python, every layer", "python", () => ours.run("python"));
  await ours.close();
}

/** From nothing to ready. */
async function measureCold(): Promise<void> {
  const ours = openSandbox();
  for (const [runtime, times] of [
    ["javascript", 20],
    ["python", 8],
  ] as const) {
    const values = await series(times, async () => (await ours.sandbox.probe(runtime)).readyMs);
    print(`a cold child until ready: ${runtime}`, values);
  }
  await ours.close();
}

/** One proxy_fetch to the server and back, answered there at once. */
async function measureHop(): Promise<void> {
  const ours = openSandbox();
  const hops = 50;
  const body = `for (let i = 0; i < ${hops}; i++) await proxy_fetch("https://x/"); return 1;`;
  const values = await series(10, async () => {
    const { usage } = await ours.run("javascript", body);
    return usage.wallMs / hops;
  });
  print("one proxy_fetch between child and server", values);
  await ours.close();
}

async function measureThroughput(): Promise<void> {
  const ours = openSandbox();
  for (const [runtime, total] of [
    ["javascript", 200],
    ["python", 30],
  ] as const) {
    await ours.run(runtime);
    const rate = await throughput(total, 4, () => ours.run(runtime));
    process.stdout.write(
      `${`runs a second, 4 at once: ${runtime}`.padEnd(70)}${rate.toFixed(1).padStart(8)}\n`,
    );
  }
  await ours.close();
}

/** The memory of a waiting child's own. */
async function measureMemory(): Promise<void> {
  for (const runtime of ["javascript", "python"] as const) {
    const ours = openSandbox();
    await ours.run(runtime);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const spares = nodesBelow("self").map(privateMb);
    const text = spares.map((mb) => mb.toFixed(0)).join(", ");
    process.stdout.write(
      `${`private memory of each spare (MB): ${runtime}`.padEnd(70)}${text.padStart(8)}\n`,
    );
    await ours.close();
  }
}

async function show(name: string, runtime: Runtime, call: () => Promise<unknown>): Promise<void> {
  await paced(3, PER_SECOND[runtime], call);
  print(name, await paced(SAMPLES[runtime], PER_SECOND[runtime], call));
}

async function series(times: number, measure: () => Promise<number>): Promise<Samples> {
  const values = [];
  for (let i = 0; i < times; i++) values.push(await measure());
  values.sort((a, b) => a - b);
  return { p50: values[times >> 1] ?? Number.NaN, p99: values.at(-1) ?? Number.NaN };
}

function openSandbox(isolations?: readonly Isolation[]) {
  const sandbox = new Sandbox({
    log: createLogger("silent"),
    home,
    ...(isolations ? { isolations } : {}),
  });
  const fetch = async () =>
    ({ ok: true, response: { status: 200, headers: {}, body: "" } }) as const;
  return {
    sandbox,
    close: () => sandbox.close(),
    async run(runtime: Runtime, body = BODY[runtime]) {
      const envelope = vault.seal(OWNER, body);
      const code = {
        ciphertext: envelope.ciphertext,
        dataKey: vault.dataKey(OWNER, envelope),
        additionalData: additionalData(OWNER),
      };
      const job = {
        runtime,
        code,
        input: JSON.stringify(INPUT),
        prev: "null",
        timeoutMs: 10_000,
        fetch,
      };
      const outcome = await sandbox.run(job, new AbortController().signal);
      if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
      return outcome;
    },
  };
}

function nodesBelow(pid: number | "self"): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    const children = readFileSync(`/proc/${pid}/task/${task}/children`, "latin1")
      .split(" ")
      .filter(Boolean)
      .map(Number);
    return children.flatMap((child) => {
      const below = nodesBelow(child);
      return below.length > 0 ? below : [child];
    });
  });
}

function privateMb(pid: number): number {
  const [, resident = 0, shared = 0] = readFileSync(`/proc/${pid}/statm`, "latin1")
    .split(" ")
    .map(Number);
  return ((resident - shared) * 4_096) / 2 ** 20;
}

function print(what: string, first: Samples | string, second = ""): void {
  const [p50, p99] =
    typeof first === "string" ? [first, second] : [first.p50.toFixed(2), first.p99.toFixed(2)];
  process.stdout.write(`${what.padEnd(62)}${p50.padStart(8)} ${p99.padStart(8)}\n`);
}
