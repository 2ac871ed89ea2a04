import { expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { operatorAs } from "../../helpers/operator.ts";
import { openSkill } from "../../helpers/skills.ts";
import { expectSoundLedger } from "../../helpers/wallet.ts";

const DAY = 86_400_000;

test("names the command that pays a top-up, which pays this very session once", async () => {
  const world = await openTestApp({ start: false });
  const buyer = await world.createOperator("buyer", { fundCents: 0 });
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
  await expectSoundLedger(world);
});

test("opens one unpaid top-up an amount, and only so many different ones", async () => {
  let now = Date.UTC(2026, 4, 1);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const buyer = await world.createOperator("buyer", { fundCents: 0 });
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
  await expectSoundLedger(world);
});

test("refunds what is unused and not held, newest top-up first, for 30 days", async () => {
  let now = Date.UTC(2026, 4, 1);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const [seller, buyer] = [
    await world.createOperator("seller"),
    await world.createOperator("buyer", { fundCents: 1_000 }),
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
    message: expect.stringContaining("Up to 600 cents can be refunded. Give amount_cents"),
    details: { refundable_cents: 600 },
  });
  expect(
    (await buyer.refused("stack_refund_topup", { all: true, amount_cents: 5 })).message,
  ).toMatch(/amount_cents and all: true exclude each other/);
  expect(await buyer.ok("stack_refund_topup", { all: true })).toMatchObject({
    refunded_cents: 600,
    balance_cents: 0,
  });
  now += 25 * DAY;
  expect((await buyer.refused("stack_refund_topup", { all: true })).message).toMatch(
    /Nothing can be refunded/,
  );
  await expectSoundLedger(world);
});

test("refunds no money that was granted to start with", async () => {
  const world = await openTestApp({ start: false });
  const local = operatorAs(world.app, { kind: "local" });
  expect(await local.ok("stack_get_balance")).toMatchObject({ balance_cents: 1_000 });
  expect((await local.refused("stack_refund_topup", {})).message).toMatch(
    /Nothing can be refunded/,
  );
});

test("takes a payment once, however often it is reported", async () => {
  const world = await openTestApp({ start: false });
  const buyer = await world.createOperator("buyer", { fundCents: 0 });
  const { session_id: id } = await buyer.ok<{ session_id: string }>("stack_topup", {
    amount_cents: 1_000,
  });
  const report = () =>
    world.app.store.transact([buyer.id], (t) => t.topups.markPaid(id, "event-1", null));
  expect(await report()).toBe(true);
  expect(await report()).toBe(false);
});
