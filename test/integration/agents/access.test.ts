import { expect, test } from "vitest";
import { carrying, type Issued, issue, registerAgent } from "../../helpers/agents.ts";
import { passportWorld } from "../../helpers/passport-world.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

test("keeps an agent to its allowed skills, and to those of agents above it", async () => {
  const { app, seller, buyer, agent } = await passportWorld();
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const order = { skill_id: skill.id, input: {}, wait_ms: 0 };
  const child = await registerAgent(buyer, "child");
  const parent = await issue(buyer, agent.id);
  const handed = await buyer.ok<Issued>("stack_delegate_passport", {
    parent_token: parent.token,
    child_agent_id: child.id,
  });
  await carrying(app, handed.token).ok("stack_invoke_skill", order);
  await buyer.ok("stack_update_agent", {
    agent_id: agent.id,
    skill_access_mode: "allowed",
    allowed_skills: [],
  });
  for (const token of [parent.token, handed.token]) {
    expect(await carrying(app, token).refused("stack_invoke_skill", order)).toMatchObject({
      code: "UNAUTHORIZED_SKILL_ACCESS",
    });
  }
  await buyer.ok("stack_update_agent", { agent_id: agent.id, status: "suspended" });
  expect(await carrying(app, handed.token).refused("stack_browse_skills")).toMatchObject({
    code: "FORBIDDEN",
  });
});

test("closes connections to an agent, and revokes passports when one is taken away", async () => {
  const { app, seller, buyer, agent } = await passportWorld();
  const connection = await buyer.ok<{ id: string }>("stack_connect_custom_service", {
    provider: "crm",
    hosts: ["api.acme.example"],
    auth: { type: "bearer" },
    secret: "12345678",
  });
  const draft = sealedScript("return {};", {
    credential_mode: "buyer_provides",
    required_credentials: [{ provider: "crm", scopes: [] }],
  });
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", draft);
  const order = { skill_id: skill.id, input: {}, wait_ms: 0 };
  const bare = carrying(app, (await issue(buyer, agent.id)).token);
  expect(await bare.refused("stack_invoke_skill", order)).toMatchObject({
    code: "FORBIDDEN",
    details: { provider: "crm" },
  });
  const asked = {
    agent_id: agent.id,
    scopes: [{ service_connection_id: connection.id, scopes: ["read"] }],
  };
  expect(await buyer.refused("stack_issue_passport", asked)).toMatchObject({
    code: "SCOPE_ESCALATION",
  });
  await buyer.ok("stack_update_agent", {
    agent_id: agent.id,
    allowed_connections: [connection.id],
  });
  const given = carrying(app, (await issue(buyer, agent.id)).token);
  await given.ok("stack_invoke_skill", order);
  await buyer.ok("stack_update_agent", { agent_id: agent.id, allowed_connections: [] });
  expect(await given.refused("stack_browse_skills")).toMatchObject({ code: "PASSPORT_REVOKED" });
  await bare.ok("stack_browse_skills");
});
