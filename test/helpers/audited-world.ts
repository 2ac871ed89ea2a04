import { carrying, issue, registerAgent } from "./agents.ts";
import { openTestApp } from "./app.ts";
import { openSkill } from "./skills.ts";

/** An operator with a chain of some twenty rows, and one beside it. */
export async function auditedWorld(options: Parameters<typeof openTestApp>[0] = {}) {
  const opened = await openTestApp({ start: false, ...options });
  const [seller, buyer] = [
    await opened.createOperator("seller"),
    await opened.createOperator("buyer"),
  ];
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const agent = await registerAgent(buyer, "helper");
  const passport = await issue(buyer, agent.id);
  const carried = carrying(opened.app, passport.token);
  const buy = async () => {
    const { id } = await carried.ok<{ id: string }>("stack_invoke_skill", {
      skill_id: skill.id,
      input: {},
      wait_ms: 0,
    });
    await carried.ok("stack_cancel_invocation", { invocation_id: id });
    return id;
  };
  for (let i = 0; i < 8; i++) await buy();
  return { ...opened, seller, buyer, agent, passport, carried, skill, buy };
}
