import { expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { openSkill } from "../../helpers/skills.ts";
import { sell } from "../../helpers/wallet.ts";

interface Line {
  readonly id: string;
  readonly type: string;
  readonly amount_cents: number;
  readonly balance_after_cents: number;
  readonly description: string;
}

const DAY = 86_400_000;

test("lists each movement with the balance after it, by type, time and page", async () => {
  let now = Date.UTC(2026, 4, 10);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const [seller, buyer] = [
    await world.createOperator("seller"),
    await world.createOperator("buyer", { fundCents: 5_000 }),
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

test("shows the right balances deep in a long history, filtered or not", async () => {
  const world = await openTestApp({ start: false });
  const buyer = await world.createOperator("buyer", { fundCents: 0 });
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

test("answers the older shapes out of the wallet", async () => {
  const world = await openTestApp({ start: false });
  const [seller, buyer] = [
    await world.createOperator("seller"),
    await world.createOperator("buyer", { fundCents: 105 }),
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

test("shows plan, period, use and limits with the balance", async () => {
  const world = await openTestApp({ start: false, clock: clockAt(() => Date.UTC(2026, 4, 20)) });
  const seller = await world.createOperator("seller");
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
