import { carrying, issue, registerAgent } from "../helpers/agents.ts";
import { openTestApp } from "../helpers/app.ts";
import { openSkill } from "../helpers/skills.ts";

/** An agent of an owner's that carries a passport, and a seller's skill for it to buy. */
export async function agentAtWork(options: Parameters<typeof openTestApp>[0] = {}) {
  const opened = await openTestApp(options);
  const [seller, owner] = [
    await opened.createOperator("seller"),
    await opened.createOperator("owner", { fundCents: 10_000 }),
  ];
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const agent = await registerAgent(owner, "helper");
  const passport = await issue(owner, agent.id);
  const order = { skill_id: skill.id, input: {}, wait_ms: 0 };
  return {
    ...opened,
    seller,
    owner,
    skill,
    agent,
    passport,
    order,
    carried: carrying(opened.app, passport.token),
  };
}
