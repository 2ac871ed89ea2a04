import { expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { expectSoundLedger, sell } from "../../helpers/wallet.ts";

test("pays publishers on the first what they earned before it, from 1,000 cents on", async () => {
  let now = Date.UTC(2026, 4, 20);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const { payouts } = world.app.services;
  const [seller, small, buyer] = [
    await world.createOperator("seller", { plan: "enterprise" }),
    await world.createOperator("small"),
    await world.createOperator("buyer", { fundCents: 100_000 }),
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
  await expectSoundLedger(world);
});

test("pays a month once, whatever was earned for it since", async () => {
  const world = await openTestApp({ start: false });
  const [seller, buyer] = [
    await world.createOperator("seller"),
    await world.createOperator("buyer", { fundCents: 50_000 }),
  ];
  const { payouts } = world.app.services;
  await sell(seller, buyer, 2_000);
  expect((await payouts.run("2040-01")).payouts).toHaveLength(1);
  await sell(seller, buyer, 3_000);
  expect((await payouts.run("2040-01")).payouts).toEqual([]);
  const { next_payout } = await seller.ok<{ next_payout: { date: string } }>("stack_get_earnings");
  expect(next_payout.date).not.toContain("2040-01");
  expect((await payouts.run("2040-02")).payouts).toMatchObject([{ amount_cents: 2_100 }]);
  await expectSoundLedger(world);
});
