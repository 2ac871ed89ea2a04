import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { rolldown } from "rolldown";
import { createApp } from "../src/app/create-app.ts";
import { loadConfig } from "../src/config/config.ts";
import { Sandbox } from "../src/sandbox/sandbox.ts";
import { newId } from "../src/shared/ids.ts";
import { createLogger } from "../src/shared/logger.ts";
import { browseRows } from "./browse.ts";
import { firstRunRows } from "./first-run.ts";
import { paced, printRows, type Row, summarise, throughput } from "./measure.ts";
import { order } from "./order.ts";
import { SCRIPT } from "./script.ts";

/**
 * Every figure beside its floor in the same run. Latency is paced at 5 a second, so that the pool
 * is full.
 */
const PER_SECOND = 5;
const root = fileURLToPath(new URL("../", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "stack-mcp-bench-"));
const env = { PATH: process.env.PATH ?? "", STACK_HOME: home, STACK_MASTER_KEY: "ab".repeat(32) };
const bundle = join(root, "dist/main.js");
const floorServer = join(home, "floor.mjs");

const CLAIM = {
  claim_type: "x",
  provider: "x",
  layer: "humanity",
  assurance_level: "high",
  expires_at: null,
  verification_id: null,
} as const;

try {
  await bundleFloor();
  printRows([
    ...(await startRows()),
    ...(await firstRunRows(env, home, (more) => connect(bundle, more))),
    ...(await readRows()),
    ...(await browseRows(env, join(home, "browse"))),
    ...(await invokeRows()),
    ...(await crowdRows()),
    ...(await ledgerRows()),
  ]);
} finally {
  rmSync(home, { recursive: true, force: true });
}

/** Bundled and started as we are, so that only what the program does differs. */
async function bundleFloor(): Promise<void> {
  const built = await rolldown({
    input: join(root, "bench/floor-server.ts"),
    platform: "node",
    logLevel: "silent",
  });
  await built.write({ file: floorServer, format: "esm" });
}

async function connect(file: string, more: Record<string, string> = {}) {
  const client = new Client(
    { name: "bench", version: "0" },
    { versionNegotiation: { mode: "auto" } },
  );
  const cache = "import m from 'node:module'; m.enableCompileCache()";
  const args = ["--import", `data:text/javascript,${encodeURIComponent(cache)}`, file];
  const transport = new StdioClientTransport({
    command: process.execPath,
    args,
    env: { ...env, ...more },
    stderr: "ignore",
  });
  await client.connect(transport);
  return { client, pid: transport.pid ?? 0 };
}

async function startRows(): Promise<Row[]> {
  const time = async (file: string) => {
    const started = performance.now();
    const { client, pid } = await connect(file);
    await client.listTools();
    const ms = performance.now() - started;
    const mb = residentMb(pid);
    await client.close();
    return { ms, mb };
  };
  const [ours, floor]: { ms: number; mb: number }[][] = [[], []];
  for (let i = 0; i < 15; i++) {
    floor?.push(await time(floorServer));
    ours?.push(await time(bundle));
  }
  const middle = (runs: readonly { ms: number; mb: number }[] = [], key: "ms" | "mb") =>
    summarise(runs.slice(2).map((run) => run[key])).p50;
  return [
    {
      what: "spawn to first tools/list",
      ours: middle(ours, "ms"),
      floor: middle(floor, "ms"),
      unit: "ms",
      aim: "1.5 ×",
    },
    {
      what: "resident before first use",
      ours: middle(ours, "mb"),
      floor: middle(floor, "mb"),
      unit: "MB",
      aim: "100 MB",
    },
  ];
}

function residentMb(pid: number): number {
  return (
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024
  );
}

async function readRows(): Promise<Row[]> {
  const [ours, floor] = [await connect(bundle), await connect(floorServer)];
  const sample = async (client: Client, name: string, input: Record<string, unknown>) => {
    for (let i = 0; i < 300; i++) await client.callTool({ name, arguments: input });
    const values = [];
    for (let i = 0; i < 1_500; i++) {
      const started = performance.now();
      await client.callTool({ name, arguments: input });
      values.push(performance.now() - started);
    }
    return summarise(values).p50 * 1_000;
  };
  const floorUs = await sample(floor.client, "echo", { text: "hello" });
  const oursUs = await sample(ours.client, "stack_get_balance", {});
  const paid = { ...SCRIPT, name: "bench-paid", price_per_invocation: 5 };
  const published = await ours.client.callTool({ name: "stack_publish_skill", arguments: paid });
  const { id: skill_id } = published.structuredContent as { id: string };
  const quoteUs = await sample(ours.client, "stack_quote_skill", { skill_id, input: { n: 1 } });
  await Promise.all([ours.client.close(), floor.client.close()]);
  return [
    { what: "the balance, beside echo", ours: oursUs, floor: floorUs, unit: "µs", aim: "2 ×" },
    {
      what: "a quote with an input, beside echo",
      ours: quoteUs,
      floor: floorUs,
      unit: "µs",
      aim: "2 ×",
    },
  ];
}

async function invokeRows(): Promise<Row[]> {
  const { client } = await connect(bundle);
  const published = await client.callTool({ name: "stack_publish_skill", arguments: SCRIPT });
  const skillId = (published.structuredContent as { id: string }).id;
  const invoke = () =>
    client.callTool({
      name: "stack_invoke_skill",
      arguments: { skill_id: skillId, ...order({ n: 1 }) },
    });
  const floor = await invokeFloor();
  await paced(10, PER_SECOND, invoke);
  const ours = await paced(100, PER_SECOND, invoke);
  const rate = await throughput(200, 8, invoke);
  await client.close();
  return [
    {
      what: "sealed invocation to settled, p50",
      ours: ours.p50,
      floor: floor.p50,
      unit: "ms",
      aim: "2 ×",
    },
    {
      what: "sealed invocation to settled, p99",
      ours: ours.p99,
      floor: floor.p99,
      unit: "ms",
      aim: "",
    },
    {
      what: "sealed invocations, 8 at once",
      ours: rate,
      floor: floor.rate,
      unit: "a second",
      aim: "",
    },
  ];
}

/**
 * A pool child and two transactions that write one row each, in process: what no design of ours can
 * go below.
 */
async function invokeFloor() {
  const app = await createApp(loadConfig({ ...env, STACK_HOME: join(home, "floor") }), {
    log: createLogger("silent"),
  });
  const sandbox = new Sandbox({ log: createLogger("silent") });
  const owner = newId("op");
  await app.store.transact([owner], async (t) => {
    await t.operators.insert({ id: owner, name: "floor", plan: "free", is_local: 0, is_admin: 0 });
    await t.sealed.insert("floor:1:code", "return { n: $INPUT.n + 1 };");
  });
  const bare = () =>
    app.store.transact([owner], (t) =>
      t.operators.insertClaim({ ...CLAIM, id: newId("clm"), operator_id: owner }),
    );
  const code = await app.store.read((r) => r.sealed.package("floor:1:code"));
  const call = async () => {
    await bare();
    const fetch = async () => ({ ok: false, code: "UNREACHABLE", message: "" }) as const;
    const job = {
      runtime: "javascript",
      code,
      input: '{"n":1}',
      prev: "null",
      timeoutMs: 5_000,
      fetch,
    } as const;
    await sandbox.run(job, new AbortController().signal);
    await bare();
  };
  await paced(10, PER_SECOND, call);
  const latency = await paced(100, PER_SECOND, call);
  const rate = await throughput(200, 2, call);
  await sandbox.close();
  await app.stop(0);
  return { ...latency, rate };
}

/** As many processes as an owner of four clients has, all buying on one file. */
async function crowdRows(): Promise<Row[]> {
  const shared = { STACK_HOME: join(home, "crowd"), STACK_SANDBOX_SLOTS: "1" };
  const clients = await Promise.all(Array.from({ length: 4 }, () => connect(bundle, shared)));
  const [first] = clients as [(typeof clients)[0]];
  const published = await first.client.callTool({ name: "stack_publish_skill", arguments: SCRIPT });
  const { id: skill_id } = published.structuredContent as { id: string };
  const values: number[] = [];
  let refused = 0;
  const started = performance.now();
  await Promise.all(
    clients.map(async ({ client }) => {
      for (let i = 0; i < 50; i++) {
        const begun = performance.now();
        const run = await client.callTool({
          name: "stack_invoke_skill",
          arguments: { skill_id, ...order({ n: i }) },
        });
        if ((run.structuredContent as { status?: string } | undefined)?.status !== "completed")
          refused++;
        values.push(performance.now() - begun);
      }
    }),
  );
  const rate = values.length / ((performance.now() - started) / 1_000);
  await Promise.all(clients.map(({ client }) => client.close()));
  const { p50, p99 } = summarise(values);
  const none = Number.NaN;
  return [
    { what: "4 processes buying, together", ours: rate, floor: none, unit: "a second", aim: "" },
    { what: "4 processes buying, p50", ours: p50, floor: none, unit: "ms", aim: "" },
    { what: "4 processes buying, p99", ours: p99, floor: none, unit: "ms", aim: "" },
    {
      what: "4 processes buying, not completed",
      ours: refused,
      floor: none,
      unit: "of 200",
      aim: "0",
    },
  ];
}

async function ledgerRows(): Promise<Row[]> {
  const app = await createApp(loadConfig({ ...env, STACK_HOME: join(home, "ledger") }), {
    log: createLogger("silent"),
  });
  const operator = await app.services.operators.create({
    name: "bench",
    plan: "free",
    fundCents: 1,
    claimTypes: [],
  });
  const id = operator.operator_id;
  const grant = () =>
    app.store.transact([id], (t) =>
      t.ledger.record(
        { kind: "grant", ref: newId("ltx"), operatorId: id, amountCents: 1 },
        { operatorId: id, action: "wallet.grant", outcome: "success" },
      ),
    );
  const bare = () =>
    app.store.transact([id], (t) =>
      t.operators.insertClaim({ ...CLAIM, id: newId("clm"), operator_id: id }),
    );
  await throughput(300, 1, grant);
  const floor = await throughput(2_000, 1, bare);
  const ours = await throughput(2_000, 1, grant);
  await app.stop(0);
  return [{ what: "ledger, beside a one-row write", ours, floor, unit: "a second", aim: "" }];
}
