import { expect, test } from "vitest";
import { openTestApp, type TestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import type { Operator } from "../../helpers/operator.ts";
import { openSkill } from "../../helpers/skills.ts";

interface Line {
  readonly id: string;
  readonly type: string;
  readonly amount_cents: number;
  readonly balance_after_cents: number;
  readonly description: string;
}

const DAY = 86_400_000;

/** Sells `count` pieces of work by hand at `price` cents. */
async function sell(seller: Operator, buyer: Operator, price: number, count = 1): Promise<void> {
  const name = `work-at-${price}`;
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ name, price_per_invocation: price }),
  );
  for (let i = 0; i < count; i++) {
    const order = { skill_id: skill.id, input: { i }, wait_ms: 0 };
    const { id } = await buyer.ok<{ id: string }>("stack_invoke_skill", order);
    await seller.ok("stack_complete_invocation", { invocation_id: id, output: { text: "done" } });
  }
}

async function sound({ app }: TestApp): Promise<void> {
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
}

test("a wallet's history shows each movement with the balance after it, by type, time and page", async () => {
  let now = Date.UTC(2026, 4, 10);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const [seller, buyer] = [
    await world.enter("seller"),
    await world.enter("buyer", { fundCents: 5_000 }),
  ];
  now += DAY;
  await sell(seller, buyer, 100, 2);
  now += DAY;
  await buyer.ok("stack_refund_topup", { amount_cents: 1_000 });
  const list = async (query: object = {}) =>
    buyer.ok<{ items: Line[]; next_cursor?: string }>("stack_list_transactions", { ...query });
  const { items } = await list();
  expect(items.map((line) => [line.type, line.amount_cents, line.balance_after_cents])).toEqual([
    ["refund", -1_000, 3_800],
    ["invocation", -100, 4_800],
    ["invocation", -100, 4_900],
    ["topup", 5_000, 5_000],
  ]);
  expect(items[1]?.description).toMatch(/^Invocation sinv_\w+ of work-at-100$/);
  for (const { id } of items) expect(id).toMatch(/^wtxn_[0-9a-z]{26}$/);
  expect((await list({ type: "invocation" })).items).toEqual(items.slice(1, 3));
  expect((await list({ type: "identity" })).items).toEqual([]);
  expect((await list({ from: "2026-05-11T00:00:00Z", to: "2026-05-12T00:00:00Z" })).items).toEqual(
    items.slice(1, 3),
  );
  expect((await list({ limit: 2, offset: 1 })).items).toEqual(items.slice(1, 3));
  const first = await list({ limit: 3 });
  expect((await list({ limit: 3, cursor: first.next_cursor })).items).toEqual(items.slice(3));
  for (const wrong of [
    { from: "yesterday" },
    { cursor: "x" },
    { cursor: first.next_cursor, offset: 1 },
  ]) {
    expect((await buyer.refused("stack_list_transactions", wrong)).code).toBe("INVALID_REQUEST");
  }
  expect((await seller.ok<{ items: Line[] }>("stack_list_transactions")).items).toHaveLength(1);
});

test("a top-up names the command that pays it, and that pays this very session once", async () => {
  const world = await openTestApp({ start: false });
  const buyer = await world.enter("buyer", { fundCents: 0 });
  const wish = { amount_cents: 2_500, idempotency_key: "k" };
  const session = await buyer.ok<{ session_id: string }>("stack_topup", wish);
  expect(session).toMatchObject({
    status: "pending",
    next_step: expect.stringContaining(`stack-mcp operator fund ${buyer.id} 2500`),
  });
  expect(session).not.toHaveProperty("checkout_url");
  expect(await world.app.services.operators.fund(buyer.id, 2_500)).toMatchObject({
    balance_cents: 2_500,
  });
  expect(await buyer.ok("stack_topup", wish)).toMatchObject({
    session_id: session.session_id,
    status: "paid",
  });
  expect(await world.app.services.operators.fund("buyer", 2_500)).toMatchObject({
    balance_cents: 5_000,
  });
  for (const amount_cents of [999, 1_000_001, 1_000.5]) {
    expect((await buyer.refused("stack_topup", { amount_cents })).code).toBe("INVALID_REQUEST");
  }
  await sound(world);
});

test("an unpaid top-up of an amount is made once; many of different amounts are refused with the newest, and the balance names them", async () => {
  let now = Date.UTC(2026, 4, 1);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const buyer = await world.enter("buyer", { fundCents: 0 });
  type Session = { session_id: string; already_open?: true; expires_at: string };
  const open = (amount_cents: number, more: object = {}) =>
    buyer.ok<Session>("stack_topup", { amount_cents, ...more });
  const balance = () =>
    buyer.ok<{ open_topups: { session_id: string; amount_cents: number }[] }>("stack_get_balance");
  const first = await open(1_000);
  expect(first).not.toHaveProperty("already_open");
  for (let i = 0; i < 30; i++) {
    const more = i % 2 === 0 ? {} : { idempotency_key: `key-${i}` };
    expect(await open(1_000, more)).toMatchObject({
      session_id: first.session_id,
      already_open: true,
    });
  }
  const both = await Promise.all([open(1_001), open(1_001)]);
  expect(new Set(both.map(({ session_id }) => session_id)).size).toBe(1);
  let newest = first;
  for (let cents = 1_002; cents < 1_020; cents++) newest = await open(cents);
  expect(await buyer.refused("stack_topup", { amount_cents: 5_000 })).toMatchObject({
    code: "RATE_LIMITED",
    details: { session_id: newest.session_id },
  });
  expect((await open(1_000)).session_id).toBe(first.session_id);
  const { open_topups } = await balance();
  expect(open_topups).toHaveLength(20);
  expect(open_topups[0]).toMatchObject({ session_id: first.session_id, amount_cents: 1_000 });
  await world.app.services.operators.fund(buyer.id, 1_000);
  expect((await open(1_000)).session_id).not.toBe(first.session_id);
  now = Date.parse(newest.expires_at) + 1;
  expect((await balance()).open_topups).toEqual([]);
  expect((await open(1_005)).already_open).toBeUndefined();
  await sound(world);
});

test("a refund gives back what is unused and free, newest top-up first, once a key, for 30 days", async () => {
  let now = Date.UTC(2026, 4, 1);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const [seller, buyer] = [
    await world.enter("seller"),
    await world.enter("buyer", { fundCents: 1_000 }),
  ];
  now += 10 * DAY;
  await world.app.services.operators.fund(buyer.id, 600);
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ price_per_invocation: 300 }),
  );
  await buyer.ok("stack_invoke_skill", { skill_id: skill.id, input: {}, wait_ms: 0 });
  const tooMuch = await buyer.refused("stack_refund_topup", { amount_cents: 1_301 });
  expect(tooMuch).toMatchObject({ code: "INVALID_REQUEST", details: { refundable_cents: 1_300 } });
  const part = { amount_cents: 700, idempotency_key: "k" };
  const refunded = await buyer.ok<{ refunds: { amount_cents: number; topup_id: string }[] }>(
    "stack_refund_topup",
    part,
  );
  expect(refunded).toMatchObject({ refunded_cents: 700, balance_cents: 600 });
  expect(refunded.refunds.map(({ amount_cents }) => amount_cents)).toEqual([600, 100]);
  expect(await buyer.ok("stack_refund_topup", part)).toMatchObject({
    refunded_cents: 700,
    balance_cents: 600,
  });
  const stranger = { topup_id: refunded.refunds[0]?.topup_id };
  expect((await seller.refused("stack_refund_topup", stranger)).code).toBe("NOT_FOUND");
  expect((await buyer.refused("stack_refund_topup", stranger)).message).toMatch(
    /Nothing can be refunded/,
  );
  expect(await buyer.refused("stack_refund_topup", {})).toMatchObject({
    code: "INVALID_REQUEST",
    message: expect.stringContaining("Up to 600 cents can be refunded. Say how much"),
    details: { refundable_cents: 600 },
  });
  expect(
    (await buyer.refused("stack_refund_topup", { all: true, amount_cents: 5 })).message,
  ).toMatch(/two things/);
  expect(await buyer.ok("stack_refund_topup", { all: true })).toMatchObject({
    refunded_cents: 600,
    balance_cents: 0,
  });
  now += 25 * DAY;
  expect((await buyer.refused("stack_refund_topup", { all: true })).message).toMatch(
    /Nothing can be refunded/,
  );
  await sound(world);
});

test("money that was given to start with is not refunded", async () => {
  const world = await openTestApp({ start: false });
  const { operatorAs } = await import("../../helpers/operator.ts");
  const local = operatorAs(world.app, { kind: "local" });
  expect(await local.ok("stack_get_balance")).toMatchObject({ balance_cents: 1_000 });
  expect((await local.refused("stack_refund_topup", {})).message).toMatch(
    /Nothing can be refunded/,
  );
});

test("publishers are paid on the first what they earned before it, once, from 1,000 cents on", async () => {
  let now = Date.UTC(2026, 4, 20);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const { payouts } = world.app.services;
  const [seller, small, buyer] = [
    await world.enter("seller", { plan: "enterprise" }),
    await world.enter("small"),
    await world.enter("buyer", { fundCents: 100_000 }),
  ];
  await sell(seller, buyer, 2_000);
  await sell(small, buyer, 100);
  expect(await payouts.run(undefined)).toMatchObject({
    period: "2026-05",
    payouts: [],
    carried_over: 0,
  });
  now = Date.UTC(2026, 5, 2);
  await sell(seller, buyer, 5_000);
  const run = await payouts.run(undefined);
  expect(run).toMatchObject({ period: "2026-06", carried_over: 1 });
  expect(run.payouts).toMatchObject([{ publisher_id: seller.id, amount_cents: 1_800 }]);
  expect(
    (await Promise.all([payouts.run("2026-06"), payouts.run("2026-06")])).flatMap((r) => r.payouts),
  ).toEqual([]);
  expect(await seller.ok("stack_get_earnings")).toMatchObject({
    earned_cents: 6_300,
    unpaid_cents: 4_500,
    paid_out_cents: 1_800,
    in_transit_cents: 0,
    next_payout: { date: "2026-07-01T00:00:00.000Z", amount_cents: 4_500, minimum_cents: 1_000 },
    skills: [
      { name: "work-at-5000", invocations: 1, earned_cents: 4_500 },
      { name: "work-at-2000", invocations: 1, earned_cents: 1_800 },
    ],
  });
  const listed = await seller.ok<{ items: object[] }>("stack_list_payouts");
  expect(listed.items).toMatchObject([
    { period: "2026-06", amount_cents: 1_800, status: "paid", processor: "local" },
  ]);
  expect((await small.ok<{ items: object[] }>("stack_list_payouts")).items).toEqual([]);
  await expect(payouts.run("2026-13")).rejects.toMatchObject({ code: "INVALID_REQUEST" });
  await sound(world);
});

test("a month is paid once, whatever was earned for it since", async () => {
  const world = await openTestApp({ start: false });
  const [seller, buyer] = [
    await world.enter("seller"),
    await world.enter("buyer", { fundCents: 50_000 }),
  ];
  const { payouts } = world.app.services;
  await sell(seller, buyer, 2_000);
  expect((await payouts.run("2040-01")).payouts).toHaveLength(1);
  await sell(seller, buyer, 3_000);
  expect((await payouts.run("2040-01")).payouts).toEqual([]);
  const { next_payout } = await seller.ok<{ next_payout: { date: string } }>("stack_get_earnings");
  expect(next_payout.date).not.toContain("2040-01");
  expect((await payouts.run("2040-02")).payouts).toMatchObject([{ amount_cents: 2_100 }]);
  await sound(world);
});

test("a payment is taken once, however often it is reported", async () => {
  const world = await openTestApp({ start: false });
  const buyer = await world.enter("buyer", { fundCents: 0 });
  const { session_id: id } = await buyer.ok<{ session_id: string }>("stack_topup", {
    amount_cents: 1_000,
  });
  const report = () =>
    world.app.store.transact([buyer.id], (t) => t.topups.markPaid(id, "event-1", null));
  expect(await report()).toBe(true);
  expect(await report()).toBe(false);
});

test("a larger plan begins now less what is unused, a smaller one when the month ends, and both renew", async () => {
  let now = Date.UTC(2026, 0, 31, 12);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const operator = await world.enter("operator", { fundCents: 20_000 });
  const plan = (name: string) => operator.ok("stack_subscribe", { plan: name });
  expect((await operator.refused("stack_subscribe", { plan: "enterprise" })).message).toMatch(
    /not for sale/,
  );
  expect(await plan("developer")).toMatchObject({
    plan: "developer",
    period_end: "2026-02-28T12:00:00.000Z",
    balance_cents: 20_000 - 999,
  });
  now += 14 * DAY;
  const half = Math.floor(999 / 2);
  expect(await plan("studio")).toMatchObject({
    plan: "studio",
    balance_cents: 20_000 - 999 - 9_900 + half,
  });
  expect(await operator.ok("stack_get_balance")).toMatchObject({ tier: "studio" });
  expect(await plan("developer")).toMatchObject({ plan: "studio", next_plan: "developer" });
  expect(await plan("studio")).not.toHaveProperty("next_plan");
  await plan("developer");
  now = Date.UTC(2026, 2, 20);
  await world.app.chores.pass();
  const after = 20_000 - 999 - 9_900 + half - 999;
  expect(await operator.ok("stack_get_balance")).toMatchObject({
    tier: "developer",
    balance_cents: after,
  });
  now = Date.UTC(2026, 11, 1);
  await world.app.chores.pass();
  await world.app.chores.pass();
  expect(await operator.ok("stack_get_balance")).toMatchObject({
    tier: "developer",
    balance_cents: after - 999,
  });
  await sound(world);
});

test("a plan that the wallet cannot renew lapses to free, and one that it cannot buy is refused", async () => {
  let now = Date.UTC(2026, 0, 1);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const operator = await world.enter("operator", { fundCents: 1_000 });
  await operator.ok("stack_subscribe", { plan: "developer", idempotency_key: "k" });
  expect(
    await operator.ok("stack_subscribe", { plan: "developer", idempotency_key: "k" }),
  ).toMatchObject({
    balance_cents: 1,
  });
  expect((await operator.refused("stack_subscribe", { plan: "studio" })).code).toBe(
    "INSUFFICIENT_CREDITS",
  );
  now = Date.UTC(2026, 1, 2);
  await world.app.chores.pass();
  expect(await operator.ok("stack_get_balance")).toMatchObject({ tier: "free", balance_cents: 1 });
  await sound(world);
});

test("a plan that the host gave comes back when a larger one lapses, and paid months keep their day", async () => {
  let now = Date.UTC(2026, 0, 31);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const operator = await world.enter("operator", { plan: "developer", fundCents: 9_900 * 3 });
  const ends = [];
  await operator.ok("stack_subscribe", { plan: "studio" });
  for (const [year, month, day] of [
    [2026, 1, 28],
    [2026, 2, 31],
  ] as const) {
    now = Date.UTC(year, month, day, 1);
    await world.app.chores.pass();
    ends.push(
      (
        (await operator.ok("stack_get_balance")) as { billing_period_end?: string }
      ).billing_period_end?.slice(0, 10),
    );
  }
  expect(ends).toEqual(["2026-03-31", "2026-04-30"]);
  now = Date.UTC(2026, 3, 30, 1);
  await world.app.chores.pass();
  expect(await operator.ok("stack_get_balance")).toMatchObject({
    tier: "developer",
    balance_cents: 0,
  });
  await sound(world);
});

test("the balance after each line is right on a page deep in a long history, filtered or not", async () => {
  const world = await openTestApp({ start: false });
  const buyer = await world.enter("buyer", { fundCents: 0 });
  for (let i = 1; i <= 30; i++) {
    await world.app.services.operators.fund(buyer.id, i * 100);
    if (i % 3 === 0) await buyer.ok("stack_refund_topup", { amount_cents: 50 });
  }
  const { items } = await buyer.ok<{ items: Line[] }>("stack_list_transactions", { limit: 200 });
  let balance = 0;
  for (const line of [...items].reverse()) {
    balance += line.amount_cents;
    expect(line.balance_after_cents).toBe(balance);
  }
  const refunds = await buyer.ok<{ items: Line[] }>("stack_list_transactions", {
    type: "refund",
    limit: 3,
    offset: 4,
  });
  expect(refunds.items).toEqual(items.filter(({ type }) => type === "refund").slice(4, 7));
});

test("the older shapes are answered out of the wallet", async () => {
  const world = await openTestApp({ start: false });
  const [seller, buyer] = [
    await world.enter("seller"),
    await world.enter("buyer", { fundCents: 105 }),
  ];
  const paid = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ price_per_invocation: 10 }),
  );
  const free = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ name: "free", price_per_invocation: 0 }),
  );
  expect(
    await buyer.ok("stack_get_skill_balance", { skill_id: paid.id, payment_token: "0xAddress" }),
  ).toEqual({
    free: false,
    balance: "105",
    price_per_invocation: 10,
    plan_id: paid.id.replace("skl_", "plan_"),
    invocations_remaining: 10,
  });
  expect(await buyer.ok("stack_get_skill_balance", { skill_id: free.id })).toEqual({
    free: true,
    balance: null,
    price_per_invocation: 0,
  });
  expect((await buyer.refused("stack_checkout_skill", { skill_id: free.id })).code).toBe(
    "INVALID_REQUEST",
  );
  const refused = await buyer.refused("stack_checkout_skill", { skill_id: paid.id });
  expect(refused).toMatchObject({
    code: "PAYMENTS_UNAVAILABLE",
    message: expect.stringContaining("operator fund"),
  });
});

test("the balance shows plan, period, use and limits", async () => {
  const world = await openTestApp({ start: false, clock: clockAt(() => Date.UTC(2026, 4, 20)) });
  const seller = await world.enter("seller");
  await seller.ok("stack_publish_skill", openSkill());
  expect(await seller.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    balance_usd: "$10.00",
    tier: "free",
    billing_period_start: "2026-05-01T00:00:00.000Z",
    billing_period_end: "2026-06-01T00:00:00.000Z",
    usage: { published_skills: 1, free_skill_invocations: 0 },
    limits: { published_skills: 100 },
    plans: { free: 0, developer: 999, studio: 9_900, enterprise: null },
  });
});
