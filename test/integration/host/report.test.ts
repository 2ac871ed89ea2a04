import { expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { openSkill } from "../../helpers/skills.ts";

const DAY_MS = 86_400_000;
const MORNING = Date.UTC(2026, 4, 3, 8);

test("reports one day without its neighbours, in counts and cents that add up", async () => {
  let now = MORNING - DAY_MS;
  const { app, createOperator } = await openTestApp({ start: false, clock: clockAt(() => now) });
  const seller = await createOperator("seller");
  const buyer = await createOperator("buyer", { fundCents: 10_000 });
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const order = { skill_id: skill.id, input: {}, repeat: true, wait_ms: 0 };
  const buy = () => buyer.ok<{ id: string }>("stack_invoke_skill", order);
  const early = await buy();
  now = MORNING;
  const [done, failed] = [await buy(), await buy()];
  await buyer.ok("stack_cancel_invocation", { invocation_id: early.id });
  await seller.ok("stack_complete_invocation", { invocation_id: done.id, output: { text: "x" } });
  await seller.ok("stack_fail_invocation", { invocation_id: failed.id });
  now = MORNING + DAY_MS;
  const waiting = await buy();
  const settled = await buyer.ok<{ cost_cents: number }>("stack_check_invocation", {
    invocation_id: done.id,
  });
  const sale = await seller.ok<{ commission_cents: number }>("stack_check_invocation", {
    invocation_id: done.id,
  });
  const report = await app.services.reports.ofDay("yesterday");
  expect(report).toMatchObject({
    day: "2026-05-03",
    invocations: {
      begun: 2,
      ended: [
        { status: "cancelled", verdict: null, count: 1 },
        { status: "completed", verdict: null, count: 1 },
        { status: "failed", verdict: "provider_failed", count: 1 },
      ],
    },
    turnover: {
      buyers: 1,
      publishers: 1,
      price_cents: settled.cost_cents,
      compute_cents: 0,
      commission_cents: sale.commission_cents,
    },
    newcomers: { operators: 0, skills: 0 },
    waiting: { pending: 1, approvals: 0, reviews: 0, unpaid_payouts: 0 },
    ledger_problems: [],
  });
  expect(await app.services.reports.ofDay("2026-05-03")).toEqual(report);
  expect(await app.services.reports.ofDay("today")).toMatchObject({
    invocations: { begun: 1, ended: [] },
  });
  expect(await app.services.reports.ofDay("2026-05-02")).toMatchObject({
    newcomers: { skills: 1 },
  });
  for (const day of ["tomorrow", "2026-02-30", "2026-5-1", ""])
    await expect(app.services.reports.ofDay(day)).rejects.toMatchObject({
      code: "INVALID_REQUEST",
    });
  const runs = (asked: object) => app.services.reports.runs({ limit: 10, ...asked });
  expect((await runs({})).map(({ id }) => id)).toEqual([waiting.id, failed.id, done.id, early.id]);
  expect(await runs({ operator: "seller", status: "failed" })).toEqual([
    expect.objectContaining({
      buyer: "buyer",
      publisher: "seller",
      skill: "by-hand",
      verdict: "provider_failed",
    }),
  ]);
  expect(await runs({ operator: "local" })).toEqual([]);
  await expect(runs({ operator: "nobody" })).rejects.toMatchObject({ code: "NOT_FOUND" });
});
