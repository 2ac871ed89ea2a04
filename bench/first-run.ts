import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/client";
import { createApp } from "../src/app/create-app.ts";
import { loadConfig } from "../src/config/config.ts";
import { Sandbox } from "../src/sandbox/sandbox.ts";
import { newId } from "../src/shared/ids.ts";
import { createLogger } from "../src/shared/logger.ts";
import { type Row, summarise } from "./measure.ts";

const TIMES = 5;
const log = createLogger("silent");

/** Starts the program on a data folder, and gives a client in front of it. */
type Connect = (more: Record<string, string>) => Promise<{ readonly client: Client }>;

/** The first minute in a new data folder: filling it with examples, and the first purchase. */
export async function firstRunRows(
  env: Record<string, string>,
  home: string,
  connect: Connect,
): Promise<Row[]> {
  const folder = () => mkdtempSync(join(home, "first-"));
  const [seeds, writes, purchases, children]: number[][] = [[], [], [], []];
  for (let i = 0; i < TIMES; i++) {
    const app = await createApp(loadConfig({ ...env, STACK_HOME: folder() }), { log });
    const owner = newId("op");
    const write = {
      id: owner,
      name: `floor-${i}`,
      plan: "free",
      is_local: 0,
      is_admin: 0,
    } as const;
    seeds?.push(await timed(() => app.services.seed.seed()));
    writes?.push(await timed(() => app.store.transact([owner], (t) => t.operators.insert(write))));
    await app.stop(0);
    const { client } = await connect({ STACK_HOME: folder() });
    const order = {
      skill_id: "redact-personal-data",
      input: { text: "Ann, ann@example.com" },
      wait_ms: 20_000,
    };
    purchases?.push(
      await timed(() => client.callTool({ name: "stack_invoke_skill", arguments: order })),
    );
    await client.close();
    const sandbox = new Sandbox({ log });
    children?.push((await sandbox.probe("javascript")).readyMs);
    await sandbox.close();
  }
  const middle = (values: number[] | undefined) => summarise(values ?? []).p50;
  return [
    {
      what: "seed of a new folder, beside a one-row write",
      ours: middle(seeds),
      floor: middle(writes),
      unit: "ms",
      aim: "150 ms",
    },
    {
      what: "first sealed purchase, beside a cold child",
      ours: middle(purchases),
      floor: middle(children),
      unit: "ms",
      aim: "",
    },
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
