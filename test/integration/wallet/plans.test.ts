import { expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { expectSoundLedger } from "../../helpers/wallet.ts";

const DAY = 86_400_000;

test("begins a larger plan now and a smaller one at the month's end, and renews both", async () => {
  let now = Date.UTC(2026, 0, 31, 12);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const operator = await world.createOperator("operator", { fundCents: 20_000 });
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
  await expectSoundLedger(world);
});

test("lapses to free what the wallet cannot renew, and rejects what it cannot buy", async () => {
  let now = Date.UTC(2026, 0, 1);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const operator = await world.createOperator("operator", { fundCents: 1_000 });
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
  await expectSoundLedger(world);
});

test("returns to the host's plan when a larger one lapses, and keeps the billing day", async () => {
  let now = Date.UTC(2026, 0, 31);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const operator = await world.createOperator("operator", {
    plan: "developer",
    fundCents: 9_900 * 3,
  });
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
  await expectSoundLedger(world);
});
