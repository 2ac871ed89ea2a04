import { DomainError } from "../../../shared/errors.ts";
import type { Actor, Answer } from "./actor.ts";
import type { DemoScreen } from "./screen.ts";
import {
  ALWAYS_THROWS,
  EXTRACT_INVOICE_TOTALS,
  INVOICE,
  TOO_DEAR,
  TRANSLATE_BY_HAND,
} from "./skills.ts";

export interface Stage {
  readonly seller: Actor;
  readonly buyer: Actor;
  readonly screen: DemoScreen;
  /** Runs a command of the program with `--json`. */
  readonly command: (args: readonly string[]) => Promise<Answer>;
}

const WAIT_MS = 25_000;
const ORDER_KEY = "order-1";

/** Every scene checks what it shows: a demo that goes wrong ends with an error. */
export async function playScenes(stage: Stage): Promise<void> {
  const skillId = await publish(stage);
  await find(stage, skillId);
  await buy(stage, skillId);
  await retry(stage, skillId);
  await failUncharged(stage);
  await beTooPoor(stage);
  await workByHand(stage);
  await verify(stage);
}

async function publish({ seller, screen }: Stage): Promise<string> {
  screen.scene("The seller publishes extract-invoice-totals, as the guide gives it");
  const skill = await seller.call("stack_publish_skill", EXTRACT_INVOICE_TOTALS);
  expect(skill.status, "active");
  screen.fact("skill", skill.id);
  screen.fact("mode", "sealed: an llm step, then a script; stored encrypted");
  screen.fact("price", `${skill.price_per_invocation} cents`);
  return String(skill.id);
}

async function find({ buyer, screen }: Stage, skillId: string): Promise<void> {
  screen.scene("The buyer browses and checks trust");
  const found = await buyer.call("stack_browse_skills", { search: "invoice" });
  const [first] = found.items as Answer[];
  expect(first?.id, skillId);
  screen.fact(
    "found",
    `${first?.name}, ${first?.price_per_invocation} cents, ${first?.trust_level_required}`,
  );
  const trust = await buyer.call("stack_check_trust_level", { skill_id: skillId });
  expect(trust.allowed, true);
  screen.fact("trust", trust.evaluation);
}

async function buy(stage: Stage, skillId: string): Promise<void> {
  const { buyer, screen } = stage;
  screen.scene("The buyer invokes it");
  const before = await balances(stage);
  const run = await buyer.call("stack_invoke_skill", order(skillId));
  if (run.status !== "completed") throw modelFailed(run);
  const after = await balances(stage);
  screen.fact("input", INVOICE);
  screen.fact("output", run.output);
  if (run.stand_in) screen.fact("note", "answered by the stand-in, and marked stand_in: true");
  screen.fact("buyer", `${before.buyer} -> ${after.buyer} cents`);
  screen.fact("seller earned", `${before.seller} -> ${after.seller} cents`);
  const earned = after.seller - before.seller;
  const commission = Number(run.cost_cents) - earned;
  screen.fact(
    "split",
    `${run.charged_cents} charged = ${earned} publisher + ${commission} commission + ${run.compute_cost_cents} compute`,
  );
  expect(before.buyer - after.buyer, Number(run.charged_cents));
}

async function retry(stage: Stage, skillId: string): Promise<void> {
  stage.screen.scene(`The same call again, with the same key "${ORDER_KEY}"`);
  const before = await balances(stage);
  const again = await stage.buyer.call("stack_invoke_skill", order(skillId));
  const after = await balances(stage);
  expect(after.buyer, before.buyer);
  stage.screen.fact("invocation", `${again.id}, the one from before`);
  stage.screen.fact("buyer", `${before.buyer} -> ${after.buyer} cents: charged nothing`);
}

async function failUncharged(stage: Stage): Promise<void> {
  stage.screen.scene("A run that fails is not charged");
  const skill = await stage.seller.call("stack_publish_skill", ALWAYS_THROWS);
  const before = await balances(stage);
  const run = await stage.buyer.call("stack_invoke_skill", {
    skill_id: skill.id,
    input: {},
    wait_ms: WAIT_MS,
  });
  const after = await balances(stage);
  expect(run.status, "failed");
  expect(after.buyer, before.buyer);
  const error = run.error as Answer;
  stage.screen.fact("verdict", `${error.code} in step ${error.step}: ${error.message}`);
  stage.screen.fact("buyer", `${before.buyer} -> ${after.buyer} cents`);
}

async function beTooPoor({ seller, buyer, screen }: Stage): Promise<void> {
  screen.scene("A wallet that is too small is refused before anything runs");
  const skill = await seller.call("stack_publish_skill", TOO_DEAR);
  const refused = await buyer.call("stack_invoke_skill", { skill_id: skill.id, input: {} });
  expect(refused.error, "insufficient_balance");
  screen.fact("refusal", `402 ${refused.code}`);
  screen.fact("needed", `${refused.required_cents} cents, there are ${refused.balance_cents}`);
}

async function workByHand(stage: Stage): Promise<void> {
  const { seller, buyer, screen } = stage;
  screen.scene("An open skill: the provider claims the work and completes it");
  const skill = await seller.call("stack_publish_skill", TRANSLATE_BY_HAND);
  const before = await balances(stage);
  const job = await buyer.call("stack_invoke_skill", {
    skill_id: skill.id,
    input: { text: "Guten Tag" },
    wait_ms: 0,
  });
  expect(job.status, "pending");
  screen.fact("buyer", `invocation pending, ${job.held_cents} cents held`);
  const pending = await seller.call("stack_list_pending_invocations", { skill_id: skill.id });
  const [work] = pending.items as Answer[];
  const claimed = await seller.call("stack_claim_invocation", { invocation_id: work?.id });
  screen.fact("seller", `claims it: ${JSON.stringify(claimed.input)}`);
  await seller.call("stack_complete_invocation", {
    invocation_id: work?.id,
    output: { text: "Good day" },
  });
  const done = await buyer.call("stack_check_invocation", {
    invocation_id: job.id,
    wait_ms: WAIT_MS,
  });
  expect(done.status, "completed");
  const after = await balances(stage);
  screen.fact("output", done.output);
  screen.fact("buyer", `${before.buyer} -> ${after.buyer} cents`);
  screen.fact("seller earned", `${before.seller} -> ${after.seller} cents`);
}

async function verify({ command, screen }: Stage): Promise<void> {
  screen.scene("Ledger and audit log are verified");
  const ledger = await command(["ledger", "verify"]);
  expect(ledger.ok, true);
  screen.fact("ledger", "every invariant holds, the books balance");
  const audit = await command(["audit", "verify"]);
  expect(audit.ok, true);
  const chains = audit.chains as { rows: number }[];
  screen.fact(
    "audit",
    `${chains.length} chains, ${chains.reduce((sum, chain) => sum + chain.rows, 0)} rows, unbroken`,
  );
}

function order(skillId: string) {
  return { skill_id: skillId, input: INVOICE, idempotency_key: ORDER_KEY, wait_ms: WAIT_MS };
}

async function balances({ buyer, seller }: Stage): Promise<{ buyer: number; seller: number }> {
  const wallet = await buyer.call("stack_get_balance", {});
  const earnings = await seller.call("stack_get_balance", {});
  return { buyer: Number(wallet.balance_cents), seller: Number(earnings.earnings_cents) };
}

function modelFailed(run: Answer): DomainError {
  const why = JSON.stringify(run.error ?? run.status);
  const advice = process.env.OPENAI_API_KEY
    ? " Unset OPENAI_API_KEY to run the demo with the stand-in."
    : "";
  return new DomainError(
    "INTERNAL",
    `The demo stopped: the invocation did not complete (${why}).${advice}`,
  );
}

function expect(actual: unknown, expected: unknown): void {
  if (actual === expected) return;
  const seen = `expected ${JSON.stringify(expected)} and saw ${JSON.stringify(actual)}`;
  throw new DomainError("INTERNAL", `The demo stopped: it ${seen}.`);
}
