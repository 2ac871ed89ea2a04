import { expect, test } from "vitest";
import { COUNT_WHAT_WAS } from "../../../storage/sqlite/migrations/0011-budgets.ts";
import { carrying, type Issued, issue, registerAgent, signingAgent } from "../../helpers/agents.ts";
import { budgetWorld } from "../../helpers/budget-world.ts";
import type { Operator } from "../../helpers/operator.ts";
import { rawDatabase } from "../../helpers/raw-database.ts";

const DAY_MS = 86_400_000;

test("keeps a day's budget over several passports, and says when it is back", async () => {
  const { agent, order, passportOf, wait, skill, buyer, spent } = await budgetWorld({
    per_day_cents: 150,
  });
  await (await passportOf(agent.id)).ok("stack_invoke_skill", order);
  const next = await passportOf(agent.id);
  const refusal = await next.refused("stack_invoke_skill", order);
  expect(refusal).toEqual({
    code: "MANDATE_EXCEEDED",
    message: `The budget of agent ${agent.id} (per_day_cents) allows 150 cents a day; 100 are held or charged, and the hold would be 100. Nothing was held. This limit would let it pass with 200 a day, or from 2026-06-30T00:00:00.000Z on. Its operator changes it with stack_update_agent (budget).`,
    details: {
      field: "budget.per_day_cents",
      counter: "per_day_cents",
      owner: agent.id,
      limit_cents: 150,
      left_cents: 50,
      hold_cents: 100,
      back_at: "2026-06-30T00:00:00.000Z",
    },
  });
  const { obstacles } = await next.ok<{ obstacles: object[] }>("stack_quote_skill", {
    skill_id: skill.id,
  });
  expect(obstacles).toEqual([refusal]);
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ held_cents: 100 });
  wait(DAY_MS / 2);
  const tomorrow = await passportOf(agent.id);
  await tomorrow.ok("stack_invoke_skill", order);
  expect(await spent()).toMatchObject({ spent_today_cents: 100, spent_this_month_cents: 200 });
});

test("renews a month's budget with the month, and names no time if none helps", async () => {
  const { agent, order, passportOf, wait } = await budgetWorld({ per_month_cents: 100 });
  await (await passportOf(agent.id)).ok("stack_invoke_skill", order);
  wait(DAY_MS);
  const refused = await (await passportOf(agent.id)).refused("stack_invoke_skill", order);
  expect(refused.details).toMatchObject({
    counter: "per_month_cents",
    back_at: "2026-07-01T00:00:00.000Z",
  });
  wait(DAY_MS / 2);
  await (await passportOf(agent.id)).ok("stack_invoke_skill", order);
  const small = await budgetWorld({ per_day_cents: 99 });
  const never = await (await small.passportOf(small.agent.id)).refused(
    "stack_invoke_skill",
    small.order,
  );
  expect(never.message).toContain("This limit would let it pass with 100 a day. Its operator");
  expect(never.details).not.toHaveProperty("back_at");
});

test("gives back what was not charged to the day of its hold", async () => {
  const { agent, order, passportOf, wait, seller, spent, buyer } = await budgetWorld({
    per_day_cents: 100,
  });
  wait(DAY_MS / 2 - 60_000);
  const held = await (await passportOf(agent.id)).ok<{ id: string }>("stack_invoke_skill", order);
  wait(120_000);
  const next = await (await passportOf(agent.id)).ok<{ id: string }>("stack_invoke_skill", order);
  expect(await spent()).toMatchObject({ spent_today_cents: 100, spent_this_month_cents: 200 });
  await seller.ok("stack_fail_invocation", { invocation_id: held.id });
  expect(await spent()).toMatchObject({ spent_today_cents: 100, spent_this_month_cents: 100 });
  await buyer.ok("stack_cancel_invocation", { invocation_id: next.id });
  expect(await spent()).toMatchObject({ spent_today_cents: 0, spent_this_month_cents: 0 });
});

test("applies a budget to an agent's own key and to passports that it delegated", async () => {
  const { app, agent, order, buyer, passportOf, spent } = await budgetWorld({ per_day_cents: 200 });
  const signed = await signingAgent(app, buyer, agent.id);
  await signed.ok("stack_invoke_skill", order);
  const helper = await registerAgent(buyer, "helper");
  const parent = await issue(buyer, agent.id);
  const handed = { parent_token: parent.token, child_agent_id: helper.id };
  const child = carrying(app, (await buyer.ok<Issued>("stack_delegate_passport", handed)).token);
  await child.ok("stack_invoke_skill", order);
  expect(await spent()).toMatchObject({ spent_today_cents: 200 });
  for (const who of [signed, child]) {
    expect((await who.refused("stack_invoke_skill", order)).details).toMatchObject({
      owner: agent.id,
    });
  }
  await (await passportOf(helper.id)).ok("stack_invoke_skill", order);
  await buyer.ok("stack_invoke_skill", order);
  const named = await buyer.refused("stack_invoke_skill", { ...order, agent_id: agent.id });
  expect(named.details).toMatchObject({ owner: agent.id });
});

test("limits a budget to some skills, or to those of some publishers", async () => {
  const { agent, order, passportOf, skill, buyer, seller } = await budgetWorld({
    skills: [],
    per_day_cents: 500,
  });
  const passport = await passportOf(agent.id);
  const allow = (budget: object) => buyer.ok("stack_update_agent", { agent_id: agent.id, budget });
  expect((await passport.refused("stack_invoke_skill", order)).details).toMatchObject({
    field: "budget.skills",
  });
  await allow({ publishers: [buyer.id] });
  const refused = await passport.refused("stack_invoke_skill", order);
  expect(refused.message).toContain(`This limit would let it pass with ${seller.id} among them.`);
  await allow({ publishers: [seller.id], skills: [skill.id] });
  await passport.ok("stack_invoke_skill", order);
});

test("names every limit in the way in a quote", async () => {
  const { app, agent, skill, buyer } = await budgetWorld({
    skills: [],
    per_day_cents: 10,
    per_month_cents: 20,
  });
  const mandate = { max_per_call_cents: 30, max_total_cents: 40, publishers: [] };
  const passport = carrying(app, (await issue(buyer, agent.id, { mandate })).token);
  type Quote = { obstacles: { code: string; details: { field: string } }[] };
  const { obstacles } = await passport.ok<Quote>("stack_quote_skill", { skill_id: skill.id });
  expect(obstacles.map(({ details }) => details.field)).toEqual([
    "mandate.publishers",
    "mandate.max_per_call_cents",
    "mandate.max_total_cents",
    "budget.skills",
    "budget.per_day_cents",
    "budget.per_month_cents",
  ]);
});

test("leaves a budget as it is unless a change gives one, and lifts it for {}", async () => {
  const { agent, order, passportOf, buyer, spent } = await budgetWorld({ per_day_cents: 50 });
  const passport = await passportOf(agent.id);
  await buyer.ok("stack_update_agent", {
    agent_id: agent.id,
    description: "Buys things",
    budget: null,
  });
  expect(await spent()).toMatchObject({ budget: { per_day_cents: 50 } });
  await buyer.ok("stack_update_agent", { agent_id: agent.id, budget: {} });
  expect(await spent()).toMatchObject({ budget: null });
  await passport.ok("stack_invoke_skill", order);
  await buyer.ok("stack_update_agent", { agent_id: agent.id, budget: { per_day_cents: 150 } });
  const late = await passport.refused("stack_invoke_skill", order);
  expect(late.details).toMatchObject({ left_cents: 50 });
});

test("counts what was spent before the migration as it would have been counted", async () => {
  const { app, home, agent, order, passportOf, buyer, seller } = await budgetWorld({});
  const buy = async (who: Operator) =>
    (await who.ok<{ id: string }>("stack_invoke_skill", order)).id;
  const parent = await issue(buyer, agent.id);
  const helper = await registerAgent(buyer, "helper");
  const handed = { parent_token: parent.token, child_agent_id: helper.id };
  const child = carrying(app, (await buyer.ok<Issued>("stack_delegate_passport", handed)).token);
  const [done, failed] = [
    await buy(child),
    await buy(child),
    await buy(await passportOf(agent.id)),
  ];
  await buy(await signingAgent(app, buyer, helper.id));
  await buy(buyer);
  await seller.ok("stack_complete_invocation", { invocation_id: done, output: { text: "x" } });
  await seller.ok("stack_fail_invocation", { invocation_id: failed });
  const database = rawDatabase(home);
  const counted = () =>
    database
      .prepare("select agent_id, period, cents from agent_spending where cents > 0 order by 1, 2")
      .all();
  const before = counted();
  expect(before).toHaveLength(4);
  database.exec("delete from agent_spending");
  database.exec(COUNT_WHAT_WAS);
  expect(counted()).toEqual(before);
});

test("lets ten of 64 parallel calls through a budget for ten, whatever the passport", async () => {
  const { app, agent, skill, passportOf, buyer, spent } = await budgetWorld({
    per_day_cents: 1_000,
  });
  const passports = [
    await passportOf(agent.id),
    await passportOf(agent.id),
    await signingAgent(app, buyer, agent.id),
  ];
  const calls = Array.from({ length: 64 }, (_, i) =>
    passports[i % 3]?.call("stack_invoke_skill", { skill_id: skill.id, input: { i }, wait_ms: 0 }),
  );
  const outcomes = (await Promise.all(calls)).map((outcome) =>
    outcome?.ok ? "ok" : outcome?.error.code,
  );
  expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(10);
  expect(new Set(outcomes)).toEqual(new Set(["ok", "MANDATE_EXCEEDED"]));
  expect(await spent()).toMatchObject({ spent_today_cents: 1_000 });
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
});
