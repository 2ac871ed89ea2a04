import { expect, test } from "vitest";
import { COUNT_WHAT_WAS } from "../../../storage/sqlite/migrations/0011-budgets.ts";
import { carrying, type Issued, issue, makeAgentKey, registerAgent } from "../../helpers/agents.ts";
import { openTestApp, type TestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { type Operator, operatorAs } from "../../helpers/operator.ts";
import { rawDatabase } from "../../helpers/raw-database.ts";
import { openSkill } from "../../helpers/skills.ts";

const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 5, 29, 12);

interface Spent {
  readonly spent_today_cents: number;
  readonly spent_this_month_cents: number;
}

/**
 * A skill of 100 cents, and an agent of a buyer with a budget; the clock stands at noon of June 29
 * until it is moved.
 */
async function world(budget: object) {
  let now = NOON;
  const opened = await openTestApp({ start: false, clock: clockAt(() => now) });
  const seller = await opened.enter("seller");
  const buyer = await opened.enter("buyer", { fundCents: 100_000 });
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const agent = await registerAgent(buyer, "shopper", { budget });
  const order = { skill_id: skill.id, input: {}, repeat: true, wait_ms: 0 };
  return {
    ...opened,
    seller,
    buyer,
    skill,
    agent,
    order,
    passportOf: async (agentId: string) =>
      carrying(opened.app, (await issue(buyer, agentId)).token),
    wait: (ms: number) => {
      now += ms;
    },
    spent: async () =>
      buyer.ok<Spent & { budget: object | null }>("stack_get_agent", { agent_id: agent.id }),
    alarms: async () => {
      const { entries } = await buyer.ok<{ entries: { action: string; details: object }[] }>(
        "stack_query_audit",
      );
      return entries
        .filter(({ action }) => action === "agent.budget")
        .map(({ details }) => details);
    },
  };
}

/** The agent's own key, enrolled, and calls that it signs. */
async function signing(app: TestApp["app"], buyer: Operator, agentId: string): Promise<Operator> {
  const key = makeAgentKey();
  type Challenge = { challenge_id: string; challenge: string };
  const asked = await buyer.ok<Challenge>("stack_enrolment_challenge", { agent_id: agentId });
  await buyer.ok("stack_enrol_agent", {
    agent_id: agentId,
    public_key: key.publicJwk,
    challenge_id: asked.challenge_id,
    signed_challenge: key.sign(asked.challenge),
  });
  return operatorAs(app, { kind: "agent", agentId, publicKey: String(key.publicJwk.x) });
}

test("a budget of a day outlives passports, says when it is back, and a quote says the same", async () => {
  const { agent, order, passportOf, wait, skill, buyer, spent } = await world({
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

test("a budget of a month begins anew with the month, and one that waiting cannot help names no time", async () => {
  const { agent, order, passportOf, wait } = await world({ per_month_cents: 100 });
  await (await passportOf(agent.id)).ok("stack_invoke_skill", order);
  wait(DAY_MS);
  const refused = await (await passportOf(agent.id)).refused("stack_invoke_skill", order);
  expect(refused.details).toMatchObject({
    counter: "per_month_cents",
    back_at: "2026-07-01T00:00:00.000Z",
  });
  wait(DAY_MS / 2);
  await (await passportOf(agent.id)).ok("stack_invoke_skill", order);
  const small = await world({ per_day_cents: 99 });
  const never = await (await small.passportOf(small.agent.id)).refused(
    "stack_invoke_skill",
    small.order,
  );
  expect(never.message).toContain("This limit would let it pass with 100 a day. Its operator");
  expect(never.details).not.toHaveProperty("back_at");
});

test("what is not charged is given back to the day in which it was held", async () => {
  const { agent, order, passportOf, wait, seller, spent, buyer } = await world({
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

test("a budget keeps an agent with a key of its own, and whoever holds what it handed on", async () => {
  const { app, agent, order, buyer, passportOf, spent } = await world({ per_day_cents: 200 });
  const signed = await signing(app, buyer, agent.id);
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

test("a budget is for some skills, or those of some publishers", async () => {
  const { agent, order, passportOf, skill, buyer, seller } = await world({
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

test("a quote names every limit in the way, so that mending the first is not found to be in vain", async () => {
  const { app, agent, skill, buyer } = await world({
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

test("a change leaves a budget as it is unless it gives one, and {} lifts it", async () => {
  const { agent, order, passportOf, buyer, spent } = await world({ per_day_cents: 50 });
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

test("an operator hears once a day of half a budget, most of it and all of it", async () => {
  const { agent, order, passportOf, alarms, wait, seller } = await world({ per_day_cents: 500 });
  const passport = await passportOf(agent.id);
  const percents = async () =>
    (await alarms()).map((details) => (details as { percent: number }).percent);
  const buy = () => passport.ok<{ id: string }>("stack_invoke_skill", order);
  await buy();
  await buy();
  expect(await percents()).toEqual([]);
  const third = await buy();
  expect(await alarms()).toEqual([
    {
      percent: 50,
      counter: "per_day_cents",
      period: "2026-06-29",
      limit_cents: 500,
      spent_cents: 300,
    },
  ]);
  await seller.ok("stack_fail_invocation", { invocation_id: third.id });
  await buy();
  expect(await percents()).toEqual([50]);
  await buy();
  await buy();
  expect((await percents()).sort((a, b) => a - b)).toEqual([50, 80, 100]);
  wait(DAY_MS / 2);
  const tomorrow = await passportOf(agent.id);
  for (let bought = 0; bought < 3; bought++) await tomorrow.ok("stack_invoke_skill", order);
  expect(await percents()).toHaveLength(4);
});

test("a budget that is raised has thresholds of its own", async () => {
  const { agent, order, passportOf, alarms, buyer } = await world({ per_day_cents: 100 });
  const passport = await passportOf(agent.id);
  await passport.ok("stack_invoke_skill", order);
  await buyer.ok("stack_update_agent", { agent_id: agent.id, budget: { per_day_cents: 400 } });
  await passport.ok("stack_invoke_skill", order);
  const told = (await alarms()).map(
    (details) => details as { percent: number; limit_cents: number },
  );
  expect(told.map(({ percent, limit_cents }) => `${percent} % of ${limit_cents}`).sort()).toEqual([
    "100 % of 100",
    "50 % of 400",
  ]);
});

test("what was spent before budgets were counted is counted as it would have been", async () => {
  const { app, home, agent, order, passportOf, buyer, seller } = await world({});
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
  await buy(await signing(app, buyer, helper.id));
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

test("an agent is told every limit of its own and of all above it, and nothing of its operator's affairs", async () => {
  const { app, agent, order, buyer, skill, seller } = await world({ per_day_cents: 700 });
  const parent = await issue(buyer, agent.id, {
    mandate: { max_total_cents: 300, skills: [skill.id] },
    ttl_seconds: 600,
  });
  const helper = await registerAgent(buyer, "helper", {
    budget: { publishers: [seller.id], per_month_cents: 5_000 },
  });
  const handed = {
    parent_token: parent.token,
    child_agent_id: helper.id,
    mandate: { max_per_call_cents: 150 },
  };
  const issued = await buyer.ok<Issued>("stack_delegate_passport", handed);
  const child = carrying(app, issued.token);
  await child.ok("stack_invoke_skill", order);
  const used = (limit_cents: number, spent_cents = 100) => ({
    limit_cents,
    spent_cents,
    left_cents: limit_cents - spent_cents,
  });
  expect(await child.ok("stack_get_balance")).toEqual({
    operator_id: buyer.id,
    balance_cents: 99_900,
    balance_usd: "$999.00",
    play_money: true,
    spendable_cents: 200,
    allowances: [
      { counter: "skills", owner: issued.jti, only: [skill.id] },
      { counter: "max_per_call_cents", owner: issued.jti, limit_cents: 150 },
      { counter: "max_total_cents", owner: issued.jti, ...used(300), until: issued.expires_at },
      { counter: "max_total_cents", owner: parent.jti, ...used(300), until: parent.expires_at },
      { counter: "publishers", owner: helper.id, only: [seller.id] },
      {
        counter: "per_month_cents",
        owner: helper.id,
        ...used(5_000),
        until: "2026-07-01T00:00:00.000Z",
      },
      {
        counter: "per_day_cents",
        owner: agent.id,
        ...used(700),
        until: "2026-06-30T00:00:00.000Z",
      },
    ],
  });
  const free = await signing(app, buyer, (await registerAgent(buyer, "free")).id);
  expect(await free.ok("stack_get_balance")).toMatchObject({
    spendable_cents: 99_900,
    allowances: [],
  });
  const { items } = await child.ok<{ items: { name: string }[] }>("stack_find_tools", {
    query: "balance",
  });
  expect(items.map(({ name }) => name)).toContain("stack_get_balance");
});

test("a budget for ten calls lets exactly ten of 64 parallel ones through, under however many passports", async () => {
  const { app, agent, skill, passportOf, buyer, spent } = await world({ per_day_cents: 1_000 });
  const passports = [
    await passportOf(agent.id),
    await passportOf(agent.id),
    await signing(app, buyer, agent.id),
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
