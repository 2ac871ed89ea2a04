import { expect, test } from "vitest";
import { testEnv } from "../../helpers/home.ts";
import { runProgram } from "../../helpers/program.ts";
import { settledTrade } from "../../helpers/settled-trade.ts";
import { openSkill } from "../../helpers/skills.ts";

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
])("finds in ledger verify that somebody altered %s", async (_, statement, problem) => {
  const { raw, app } = await paidTrade();
  raw.exec(statement);
  expect((await app.services.wallet.findLedgerProblems()).join("\n")).toMatch(problem);
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
])("names the row in ledger verify when somebody altered %s", async (_, statement, problem) => {
  const { raw, home } = await settledTrade();
  raw.exec(statement);
  const ran = await runProgram(["ledger", "verify", "--json"], testEnv(home));
  expect(ran.code).toBe(1);
  expect((JSON.parse(ran.stdout) as { problems: string[] }).problems.join("\n")).toMatch(problem);
});
