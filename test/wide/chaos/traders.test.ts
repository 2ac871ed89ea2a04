import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { testEnv } from "../../helpers/home.ts";
import { randomFrom } from "../../helpers/random.ts";
import { SCALE } from "../../helpers/scale.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

const program = fileURLToPath(new URL("../../helpers/trader-process.ts", import.meta.url));
const PROCESSES = 3;
const KILLS = 12 * SCALE;
const SLOW_MACHINE_MS = 240_000 * SCALE;
/** One of the clocks is ahead of every lease: what it sweeps is still another's work. */
const OFFSETS = [0, 0, 10 * 60_000];

interface Trader {
  readonly child: ChildProcess;
  /** Resolves after that many more acts. */
  acts(count: number): Promise<void>;
}

function startTrader(args: readonly string[], env: Record<string, string>): Trader {
  const child = spawn(process.execPath, [program, ...args], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  return {
    child,
    async acts(count) {
      for (let i = 0; i < count; i++) await once(lines, "line");
    },
  };
}

const seed = Number(process.env.TRADERS_SEED ?? Math.floor(Math.random() * 1e9));

test(
  `keeps every cent where it belongs, whatever three processes do and die of (seed ${seed})`,
  async () => {
    const random = randomFrom(seed);
    let now = Date.now();
    const { app, createOperator, home } = await openTestApp({
      start: false,
      clock: clockAt(() => now),
    });
    const seller = await createOperator("seller", { plan: "developer" });
    const buyers = [
      await createOperator("ann"),
      await createOperator("bob"),
      await createOperator("cem"),
    ];
    const text = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
    const code = "if ($INPUT.n === 2) throw new Error('no'); return { text: String($INPUT.n) };";
    for (const draft of [
      sealedScript(code, { name: "sealed", output_schema: text }),
      sealedScript(code, { name: "free", price_per_invocation: 0 }),
      openSkill({ price_per_invocation: 333, invocation_ttl_seconds: 60 }),
    ]) {
      await seller.ok("stack_publish_skill", draft);
    }
    const keys = [seller.apiKey, ...buyers.map((buyer) => buyer.apiKey)];
    const env = testEnv(home, { STACK_LOG: "error", STACK_SANDBOX_SLOTS: "2" });
    let started = 0;
    const start = (place: number) =>
      startTrader([`${seed + ++started}`, `${OFFSETS[place]}`, ...keys], env);
    const traders = Array.from({ length: PROCESSES }, (_, place) => start(place));
    for (let kill = 0; kill < KILLS; kill++) {
      const place = Math.floor(random() * PROCESSES);
      await traders[place]?.acts(1 + Math.floor(random() * 15));
      traders[place]?.child.kill("SIGKILL");
      traders[place] = start(place);
    }
    for (const { child } of traders) {
      child.kill("SIGKILL");
      await once(child, "close");
    }
    now += 86_400_000;
    await app.chores.pass();
    await app.chores.pass();
    expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
    expect(
      (await app.services.audit.verify()).filter(({ problem }) => problem !== undefined),
    ).toEqual([]);
    const raw = new Database(join(home, "stack.db"), { readonly: true });
    onTestFinished(() => void raw.close());
    expect(
      raw
        .prepare(
          "select count(*) as left_open from invocations where status in ('pending', 'processing')",
        )
        .get(),
    ).toEqual({
      left_open: 0,
    });
    expect(raw.prepare("select sum(held_cents) as held from accounts").get()).toEqual({ held: 0 });
    expect(raw.prepare(UNEVEN).all()).toEqual([]);
    const { completed } = raw
      .prepare("select count(*) as completed from invocations where status = 'completed'")
      .get() as {
      completed: number;
    };
    expect(completed).toBeGreaterThan(0);
  },
  SLOW_MACHINE_MS,
);

/** Settlements in which what the buyer paid is not what publisher, commission and compute got. */
const UNEVEN = `
  select t.ref from ledger_tx t join invocations i on i.id = t.ref where t.kind = 'settle' and (
    i.price_cents + i.compute_cents <> -(${part("e.account_id = 'wallet:' || i.buyer_id")})
    or i.price_cents <> (${part("e.account_id = 'earnings:' || i.publisher_id or e.account_id = 'platform:commission'")})
    or i.compute_cents <> (${part("e.account_id in ('platform:compute_recovery', 'platform:compute_markup', 'platform:compute_overrun', 'platform:free_compute')")}))`;

function part(accounts: string): string {
  return `coalesce((select sum(e.amount_cents) from ledger_entries e where e.tx_id = t.id and (${accounts})), 0)`;
}
