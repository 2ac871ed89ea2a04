// A process that trades at random on a shared data folder until it is killed. It prints a line
// after each act.
// node trader-process.ts <seed> <clock offset in ms> <api key of the seller> <api keys of buyers…>
import { createApp } from "../../src/app/create-app.ts";
import { loadConfig } from "../../src/config/config.ts";
import { clockAt } from "./clock.ts";
import { type Operator, operatorOn } from "./operator.ts";
import { randomFrom } from "./random.ts";
import { rehearse } from "./rehearse.ts";

const [seed = "1", offset = "0", sellerKey = "", ...buyerKeys] = process.argv.slice(2);
const random = randomFrom(Number(seed));
const clock = clockAt(() => Date.now() + Number(offset));
const app = await createApp(loadConfig(process.env), { clock });
rehearse(app.store);
app.start();

const seller = operatorOn(app, "", sellerKey);
const buyers = buyerKeys.map((key) => operatorOn(app, "", key));
const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
type Listed = { items: { id: string }[] };

/** The actions of traders, each as often as it is named here. */
const ACTS = [
  buy,
  buy,
  buy,
  buy,
  cancel,
  cancel,
  claim,
  claim,
  complete,
  complete,
  fail,
  renew,
  refund,
  fund,
  subscribe,
  pay,
  sweep,
];

for (let done = 1; ; done++) {
  await pick(ACTS)?.();
  process.stdout.write(`${done}\n`);
}

function buyer(): Operator {
  return pick(buyers) ?? seller;
}

async function buy() {
  const skills = await seller.call("stack_list_my_skills");
  const skill = pick(skills.ok ? (skills.value as Listed).items : []);
  const key =
    random() < 0.5
      ? { idempotency_key: `k${Math.floor(random() * 40)}` }
      : { repeat: random() < 0.5 };
  const order = { skill_id: skill?.id ?? "", input: { n: Math.floor(random() * 3) }, ...key };
  await buyer().call("stack_invoke_skill", { ...order, wait_ms: random() < 0.5 ? 0 : 2_000 });
}

async function cancel() {
  const who = buyer();
  const listed = await who.call("stack_list_my_invocations", {
    status: random() < 0.7 ? "pending" : "processing",
  });
  const job = pick(listed.ok ? (listed.value as Listed).items : []);
  await who.call("stack_cancel_invocation", { invocation_id: job?.id ?? "" });
}

async function pending(): Promise<string> {
  const listed = await seller.call("stack_list_pending_invocations");
  return pick(listed.ok ? (listed.value as Listed).items : [])?.id ?? "";
}

async function claim() {
  await seller.call("stack_claim_invocation", { invocation_id: await pending() });
}

/** One of the last ten jobs that were bought, in whatever state it is. */
async function anyJob(): Promise<string> {
  const listed = await buyer().call("stack_list_my_invocations", { limit: 10 });
  return random() < 0.5
    ? pending()
    : (pick(listed.ok ? (listed.value as Listed).items : [])?.id ?? "");
}

async function complete() {
  const output = random() < 0.8 ? { text: "done" } : { words: "it does not fit" };
  await seller.call("stack_complete_invocation", { invocation_id: await anyJob(), output });
}

async function fail() {
  await seller.call("stack_fail_invocation", { invocation_id: await anyJob(), reason: "no" });
}

async function renew() {
  await seller.call("stack_renew_invocation", { invocation_id: await anyJob(), progress: 50 });
}

async function refund() {
  const amount = random() < 0.3 ? {} : { amount_cents: 1 + Math.floor(random() * 200) };
  await buyer().call("stack_refund_topup", {
    ...amount,
    idempotency_key: `r${Math.floor(random() * 40)}`,
  });
}

async function fund() {
  const who = buyer();
  await who.call("stack_topup", {
    amount_cents: 1_000,
    idempotency_key: `t${Math.floor(random() * 40)}`,
  });
  const { operator_id } = (await who.ok("stack_get_balance")) as { operator_id: string };
  await app.services.operators.fund(operator_id, 1_000);
}

async function subscribe() {
  await buyer().call("stack_subscribe", { plan: random() < 0.5 ? "developer" : "free" });
}

async function pay() {
  await app.services.payouts.run(`20${30 + Math.floor(random() * 60)}-01`);
}

async function sweep() {
  await app.chores.pass();
}
