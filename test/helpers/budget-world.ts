import { carrying, issue, registerAgent } from "./agents.ts";
import { openTestApp } from "./app.ts";
import { clockAt } from "./clock.ts";
import { openSkill } from "./skills.ts";

const NOON = Date.UTC(2026, 5, 29, 12);

interface Spent {
  readonly spent_today_cents: number;
  readonly spent_this_month_cents: number;
}

/**
 * A skill of 100 cents, and an agent of a buyer with a budget; the clock stands at noon of June 29
 * until it is moved.
 */
export async function budgetWorld(budget: object) {
  let now = NOON;
  const opened = await openTestApp({ start: false, clock: clockAt(() => now) });
  const seller = await opened.createOperator("seller");
  const buyer = await opened.createOperator("buyer", { fundCents: 100_000 });
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
