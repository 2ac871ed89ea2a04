import { expect, test } from "vitest";
import { carrying, type Issued, issue, registerAgent, signingAgent } from "../../helpers/agents.ts";
import { budgetWorld } from "../../helpers/budget-world.ts";

const DAY_MS = 86_400_000;

test("tells an operator once a day of half a budget, most of it and all of it", async () => {
  const { agent, order, passportOf, alarms, wait, seller } = await budgetWorld({
    per_day_cents: 500,
  });
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

test("counts thresholds anew for a budget that is raised", async () => {
  const { agent, order, passportOf, alarms, buyer } = await budgetWorld({ per_day_cents: 100 });
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

test("tells an agent the limits of its own and of all above it, and nothing else", async () => {
  const { app, agent, order, buyer, skill, seller } = await budgetWorld({ per_day_cents: 700 });
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
  const free = await signingAgent(app, buyer, (await registerAgent(buyer, "free")).id);
  expect(await free.ok("stack_get_balance")).toMatchObject({
    spendable_cents: 99_900,
    allowances: [],
  });
  const { items } = await child.ok<{ items: { name: string }[] }>("stack_find_tools", {
    query: "balance",
  });
  expect(items.map(({ name }) => name)).toContain("stack_get_balance");
});
