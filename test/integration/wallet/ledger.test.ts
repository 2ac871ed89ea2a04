import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, test } from "vitest";
import { splitSettlement } from "../../../src/domain/money/money.ts";
import { DomainError } from "../../../src/shared/errors.ts";
import { newId } from "../../../src/shared/ids.ts";
import type { Store } from "../../../storage/store.ts";
import { openTestApp } from "../../helpers/app.ts";
import { testEnv } from "../../helpers/home.ts";
import { runProgram } from "../../helpers/program.ts";
import { SCALE } from "../../helpers/scale.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

/** A file with one settled trade in it, and a raw handle that goes behind the program's back. */
async function settledTrade() {
  const { app, home, enter } = await openTestApp();
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    sealedScript("return $INPUT;"),
  );
  await buyer.ok("stack_invoke_skill", { skill_id: skill.id, input: {}, wait_ms: 20_000 });
  return { app, home, raw: new Database(join(home, "stack.db")), buyer, seller };
}

/** Beside that a top-up, a refund of a part of it, and a payout. */
async function paidTrade() {
  const trade = await settledTrade();
  const { app, buyer, seller } = trade;
  await app.services.operators.fund(buyer.id, 5_000);
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ price_per_invocation: 3_000 }),
  );
  const order = { skill_id: skill.id, input: {}, wait_ms: 0 };
  const { id } = await buyer.ok<{ id: string }>("stack_invoke_skill", order);
  await seller.ok("stack_complete_invocation", { invocation_id: id, output: { text: "done" } });
  await buyer.ok("stack_refund_topup", { amount_cents: 100 });
  await app.services.payouts.run("2099-01");
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
  return trade;
}

test.each([
  [
    "what a top-up was",
    "update topups set amount_cents = amount_cents + 1",
    /a top-up's state does not match/,
  ],
  [
    "that a top-up was paid",
    "update topups set status = 'pending', paid_at = null",
    /a top-up's state does not match/,
  ],
  [
    "what of a top-up was given back",
    "update topups set refunded_cents = 7",
    /not the sum of its refunds/,
  ],
  ["what a payout was", "update payouts set amount_cents = 1", /a payout does not match/],
  ["that a payout arrived", "update payouts set status = 'in_transit'", /arrival does not match/],
  [
    "a payment that nobody made",
    "insert into ledger_tx values ('ltx_x', 'topup', 'tup_x', 0, 0)",
    /a top-up in the ledger belongs to none: tup_x/,
  ],
  [
    "money that stays at the processor",
    "insert into ledger_tx values ('ltx_x', 'grant', 'x', 0, 0); insert into ledger_entries (tx_id, account_id, amount_cents) values ('ltx_x', 'clearing:local', -5), ('ltx_x', 'platform:grants', 5); update ledger_tx set sealed = 1 where id = 'ltx_x'",
    /clearing account of the local processor/,
  ],
])("ledger verify finds it when somebody alters %s", async (_, statement, problem) => {
  const { raw, app } = await paidTrade();
  raw.exec(statement);
  expect((await app.services.wallet.findLedgerProblems()).join("\n")).toMatch(problem);
});

test.each([
  ["an entry is changed", "update ledger_entries set amount_cents = 1", /never changed/],
  ["an entry is deleted", "delete from ledger_entries", /never deleted/],
  [
    "an entry is added to a sealed transaction",
    "insert into ledger_entries (tx_id, account_id, amount_cents) select id, 'suspense', 1 from ledger_tx limit 1",
    /sealed/,
  ],
  ["a transaction is deleted", "delete from ledger_tx", /never deleted/],
  ["a sealed transaction is changed", "update ledger_tx set ref = 'x'", /never changed/],
  [
    "a transaction is born sealed",
    "insert into ledger_tx values ('ltx_x', 'grant', 'x', 1, 0)",
    /starts unsealed/,
  ],
  ["a hold is settled again", "update holds set state = 'settled'", /leaves pending once/],
  ["a hold is deleted", "delete from holds", /never deleted/],
  [
    "a wallet is overdrawn",
    "update accounts set held_cents = posted_cents + 1 where guarded = 1",
    /CHECK/,
  ],
  ["an audit row is changed", "update audit_log set body = '{}'", /never changed/],
  ["an audit row is deleted", "delete from audit_log", /only behind a checkpoint/],
  ["a skill version is changed", "update skill_versions set price_cents = 0", /immutable/],
])("the database refuses when %s", async (_, statement, reason) => {
  const { raw } = await settledTrade();
  expect(() => raw.exec(statement)).toThrow(reason);
});

test("a transaction that does not balance cannot be sealed", async () => {
  const { raw } = await settledTrade();
  raw.exec("insert into ledger_tx values ('ltx_x', 'grant', 'x', 0, 0)");
  raw.exec(
    "insert into ledger_entries (tx_id, account_id, amount_cents) values ('ltx_x', 'platform:grants', -5)",
  );
  expect(() => raw.exec("update ledger_tx set sealed = 1 where id = 'ltx_x'")).toThrow(
    /does not balance/,
  );
});

test.each([
  [
    "posted cents",
    "update accounts set posted_cents = posted_cents + 1 where id like 'wallet:%'",
    /posted cents are not the sum/,
  ],
  [
    "held cents",
    "update accounts set held_cents = held_cents + 1 where guarded = 1",
    /held cents are not the sum/,
  ],
  [
    "a completed invocation that is no longer so",
    "update invocations set status = 'failed'",
    /settled without being completed/,
  ],
  [
    "what was charged",
    "update invocations set compute_cents = 5",
    /not what its invocation says was charged/,
  ],
  ["what was earned", "update invocations set publisher_cents = 5", /says was earned/],
  [
    "an unsealed transaction",
    "insert into ledger_tx values ('ltx_x', 'grant', 'x', 0, 0)",
    /ltx_x/,
  ],
])(
  "ledger verify names the row when behind its back somebody alters %s",
  async (_, statement, problem) => {
    const { raw, home } = await settledTrade();
    raw.exec(statement);
    const ran = await runProgram(["ledger", "verify", "--json"], testEnv(home));
    expect(ran.code).toBe(1);
    expect((JSON.parse(ran.stdout) as { problems: string[] }).problems.join("\n")).toMatch(problem);
  },
);

test.each([
  [
    "a flipped byte",
    "update audit_log set body = replace(body, 'skill.settle', 'skill.setTle') where body like '%skill.settle%'",
    /was altered/,
  ],
  ["a deleted row", "delete from audit_log where seq = 2", /row 2 is missing/],
  ["a cut tail", "delete from audit_log where seq > 1", /head is row/],
  ["a chain that is gone", "delete from audit_log; delete from audit_heads", /chain is gone/],
  [
    "a row before the first",
    "insert into audit_log select operator_id, 0, body, hash from audit_log limit 1",
    /row 0/,
  ],
  [
    "a body that is no JSON",
    "update audit_log set body = 'x', hash = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881' where seq = 1",
    /row 1/,
  ],
  ["a rewritten head", "update audit_heads set hash = 'x'", /head/],
])("audit verify finds %s", async (_, statement, problem) => {
  const { raw, home } = await settledTrade();
  raw.exec("drop trigger audit_log_update");
  raw.exec("drop trigger audit_log_delete");
  raw.exec(statement);
  const ran = await runProgram(["audit", "verify", "--json"], testEnv(home));
  expect(ran.code).toBe(1);
  const { chains } = JSON.parse(ran.stdout) as { chains: { problem?: string }[] };
  expect(chains.map((chain) => chain.problem ?? "").join("\n")).toMatch(problem);
});

type Step =
  | { readonly kind: "grant"; readonly who: number; readonly cents: number }
  | { readonly kind: "hold"; readonly who: number; readonly cents: number }
  | End;

interface End {
  readonly kind: "settle" | "void";
  readonly which: number;
  readonly microUsd: number;
}

const who = fc.integer({ min: 0, max: 2 });
const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("grant" as const),
      who,
      cents: fc.integer({ min: 1, max: 500 }),
    }),
    fc.record({ kind: fc.constant("hold" as const), who, cents: fc.integer({ min: 0, max: 300 }) }),
    fc.record({
      kind: fc.constantFrom("settle" as const, "void" as const),
      which: fc.nat(20),
      microUsd: fc.nat(200_000),
    }),
  ),
  { maxLength: 30 },
);

test("after every random sequence of movements the books balance and no wallet is overdrawn", async () => {
  const { app, enter } = await openTestApp();
  const seller = await enter("seller");
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ price_per_invocation: 0 }),
  );
  const wallets = [await enter("ann"), await enter("bob"), await enter("cem")];
  const world = {
    store: app.store,
    seller: seller.id,
    wallets: wallets.map((w) => w.id),
    skillId: skill.id,
  };
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      await play(world, sequence);
      expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
    }),
    { numRuns: 40 * SCALE },
  );
});

interface World {
  readonly store: Store;
  readonly seller: string;
  readonly wallets: readonly string[];
  readonly skillId: string;
}

/** Applies the sequence to the real ledger; a hold belongs to a row in `invocations`, so one is made for each. */
async function play(world: World, sequence: readonly Step[]): Promise<void> {
  const open: { ref: string; operatorId: string; cents: number }[] = [];
  for (const step of sequence) {
    if (step.kind === "grant") {
      const operatorId = world.wallets[step.who] ?? "";
      await world.store.transact([operatorId], (t) =>
        t.ledger.record({ kind: "grant", ref: newId("ltx"), operatorId, amountCents: step.cents }),
      );
    } else if (step.kind === "hold") {
      const taken = await hold(world, world.wallets[step.who] ?? "", step.cents);
      if (taken) open.push(taken);
    } else if (open.length > 0) {
      const [taken] = open.splice(step.which % open.length, 1);
      if (taken) await end(world, taken, step);
    }
  }
  for (const taken of open) await end(world, taken, { kind: "void", which: 0, microUsd: 0 });
}

const NO_CALLS = { service_reserve_cents: 0, service_cents: 0, service_markup_cents: 0 };

async function hold({ store, seller, skillId }: World, operatorId: string, cents: number) {
  const ref = newId("sinv");
  try {
    await store.transact([operatorId], async (t) => {
      const skill = await t.skills.find(skillId);
      const times = {
        created_at: 1,
        compute_micro_usd: 0,
        progress: null,
        started_at: null,
        completed_at: null,
        expires_at: 9e15,
        erased_at: null,
      };
      const ends = {
        verdict: null,
        failed_step: null,
        failed_line: null,
        failed_limit: null,
        usage: null,
        output_digest: null,
        stand_in: 0,
      };
      const lease = {
        lease_owner: null,
        lease_expires_at: null,
        agent_id: null,
        passport_id: null,
      };
      const money = {
        price_cents: cents,
        reserve_cents: 0,
        compute_cents: 0,
        publisher_cents: 0,
        ...NO_CALLS,
      };
      const parties = {
        skill_id: skillId,
        version_id: skill?.version_id ?? "",
        buyer_id: operatorId,
        publisher_id: seller,
      };
      const state = {
        status: "pending",
        session_id: null,
        awaits_approval: 0,
        isolation: null,
        execution_mode: "open",
        providers: "",
        input_digest: "",
        input_chars: 2,
        call_digest: null,
        refusal_code: null,
        calls: 1,
      } as const;
      await t.invocations.insert({
        id: ref,
        ...parties,
        ...state,
        ...money,
        ...ends,
        ...lease,
        ...times,
      });
      await t.ledger.record({ kind: "hold", ref, operatorId, amountCents: cents });
    });
    return { ref, operatorId, cents };
  } catch (error) {
    if (error instanceof DomainError && error.code === "INSUFFICIENT_CREDITS") return undefined;
    throw error;
  }
}

async function end(
  { store, seller }: World,
  taken: { ref: string; operatorId: string; cents: number },
  step: End,
): Promise<void> {
  const { ref, operatorId, cents } = taken;
  const lease = { lease_owner: seller, lease_expires_at: 9e15 };
  const priceCents = Math.floor(cents / 2);
  const computeMicroUsd = step.microUsd;
  const split = splitSettlement({
    priceCents,
    plan: "developer",
    computeMicroUsd,
    reserveCents: cents - priceCents,
    serviceCents: 0,
  });
  const charged = { compute_cents: split.computeCents, publisher_cents: split.publisherCents };
  const asked = { price_cents: priceCents, reserve_cents: cents - priceCents };
  await store.transact([operatorId, seller], async (t) => {
    await t.invocations.update(ref, { status: "pending" }, { status: "processing", ...lease });
    const settled = step.kind === "settle";
    const change = {
      status: settled ? "completed" : "failed",
      lease_owner: null,
      ...asked,
      ...charged,
    } as const;
    await t.invocations.update(ref, { status: "processing" }, change);
    if (settled)
      await t.ledger.record({ kind: "settle", ref, operatorId, publisherId: seller, split });
    else await t.ledger.record({ kind: "void", ref });
  });
}
