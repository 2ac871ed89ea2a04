import { systemClock } from "../../src/shared/clock.ts";
import { carrying, issue, registerAgent } from "./agents.ts";
import { openTestApp } from "./app.ts";
import { sealedScript } from "./skills.ts";

export interface Id {
  readonly id: string;
}

/** An operator that sells, buys, has an agent with a passport, a service and a request. */
export async function busyOperator(clock = systemClock) {
  const world = await openTestApp({ clock });
  const [acme, other] = [await world.createOperator("acme"), await world.createOperator("other")];
  const { id: skillId } = await acme.ok<Id>(
    "stack_publish_skill",
    sealedScript("return { said: 'code-canary' };", {
      name: "speak",
      description: "Speaks of the desc-canary.",
      refusals: { no: "Write to refusal-canary." },
      egress: { hosts: ["host-canary.example"] },
    }),
  );
  const { id: bought } = await acme.ok<Id>(
    "stack_publish_skill",
    sealedScript("return $INPUT;", { name: "echo" }),
  );
  await other.ok("stack_invoke_skill", { skill_id: skillId, input: {}, wait_ms: 20_000 });
  await acme.ok("stack_invoke_skill", {
    skill_id: bought,
    input: { text: "input-canary" },
    wait_ms: 20_000,
  });
  const agent = await registerAgent(acme, "agent-canary", { description: "agent-desc-canary" });
  const passport = await issue(acme, agent.id, {
    intent: { summary: "intent-canary", services: [] },
  });
  const secret = "sk-secret-canary";
  await acme.ok("stack_connect_custom_service", {
    provider: "crm",
    hosts: ["api.acme.example"],
    auth: { type: "bearer" },
    secret,
  });
  await acme.ok("stack_post_skill_request", {
    description: "Somebody who knows the request-canary",
  });
  return {
    ...world,
    acme,
    other,
    skillId,
    passport: carrying(world.app, passport.token),
    token: passport.token,
    jti: passport.jti,
  };
}
