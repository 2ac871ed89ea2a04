import { expect, test } from "vitest";
import { verifyPassportOffline } from "../../src/sdk/index.ts";
import { agentAtWork } from "../helpers/agent-at-work.ts";
import {
  carrying,
  enrol,
  type Issued,
  issue,
  makeAgentKey,
  registerAgent,
} from "../helpers/agents.ts";
import { clockAt } from "../helpers/clock.ts";
import { connectCrm } from "../helpers/connections.ts";
import { send, startTestServer } from "../helpers/server.ts";
import { sealedScript } from "../helpers/skills.ts";

test("lets nobody give an agent what it does not have itself", async () => {
  const server = await startTestServer();
  await server.createOperator("owner");
  const whole = await server.keyFor("owner");
  const { body: agent } = await send(server, "POST /v1/agents/register", {
    key: whole,
    body: { name: "helper", accountability_mode: "standard" },
  });
  const narrow = await server.keyFor("owner", [
    "passports:read",
    "passports:write",
    "agents:read",
    "agents:write",
  ]);
  const issued = await send(server, "POST /v1/passports/issue", {
    key: narrow,
    body: { agent_id: agent.id },
  });
  expect(issued).toMatchObject({
    status: 403,
    body: { error: { details: { scope: "skills:read" } } },
  });
  const key = makeAgentKey();
  const { body: asked } = await send(server, `POST /v1/agents/${agent.id}/enrollment-challenge`, {
    key: narrow,
  });
  const proof = {
    public_key: key.publicJwk,
    challenge_id: asked.challenge_id,
    signed_challenge: key.sign(String(asked.challenge)),
  };
  expect(
    (await send(server, `POST /v1/agents/${agent.id}/enroll`, { key: narrow, body: proof })).status,
  ).toBe(403);
  const { body: audit } = await send(server, "GET /v1/audit", { key: whole });
  expect(
    (audit.entries as { action: string }[]).filter(({ action }) => action === "credential.refused"),
  ).toHaveLength(2);
});

test("puts off no report of an enforced agent at a refresh, and takes the largest", async () => {
  let now = Date.now();
  const { app, owner } = await agentAtWork({ start: false, clock: clockAt(() => now) });
  const strict = await registerAgent(owner, "strict", { accountability_mode: "enforced" });
  const signed = await enrol(app, owner, strict.id);
  const ask = {
    agent_id: strict.id,
    intent: { summary: "x", services: [] },
    checkpoint_interval_seconds: 60,
  };
  const issued = await signed.ok<Issued>("stack_issue_passport", ask);
  now += 50_000;
  const early = await signed.ok<Issued>("stack_refresh_passport", { jti: issued.jti });
  expect(early.expires_at).toBe(issued.expires_at);
  const names = Array.from({ length: 100 }, (_, i) => `${"x".repeat(60)}${i}`);
  for (let i = 0; i < 8; i++) {
    const largest = {
      jti: issued.jti,
      services_used: names,
      delegated_to: names,
      actions_count: 1,
      summary: "x".repeat(1_000),
    };
    await signed.ok("stack_checkpoint", largest);
  }
  now += 120_000;
  expect(await signed.refused("stack_refresh_passport", { jti: issued.jti })).toMatchObject({
    code: "PASSPORT_EXPIRED",
  });
  await owner.ok("stack_refresh_passport", { jti: issued.jti });
  const out = await signed.ok<{ findings: string[] }>("stack_checkout", { jti: issued.jti });
  expect(out.findings).toHaveLength(22);
});

test("revokes for an odd reason, and lists every token that was ever signed", async () => {
  let now = Date.now();
  const { app, owner, agent } = await agentAtWork({ start: false, clock: clockAt(() => now) });
  const long = await issue(owner, agent.id, { ttl_seconds: 3_600 });
  await owner.ok("stack_refresh_passport", { jti: long.jti, ttl_seconds: 60 });
  await owner.ok("stack_revoke_passport", {
    jti: long.jti,
    reason: `${"a".repeat(199)}😀 and more`,
  });
  now += 61_000;
  const jwks = await app.services.signingKeys.jwks();
  const revocations = await app.services.revocations.signedList();
  await expect(verifyPassportOffline(long.token, { jwks, revocations, now })).rejects.toMatchObject(
    {
      refusal: "revoked",
    },
  );
});

test("bounds a session's passports, and keeps the list of all revoked readable", async () => {
  const { app, owner, agent, passport, carried } = await agentAtWork({ start: false });
  const hand = () =>
    carried.call("stack_delegate_passport", {
      parent_token: passport.token,
      child_agent_id: agent.id,
    });
  for (let i = 1; i < 200; i++) expect((await hand()).ok).toBe(true);
  expect(await hand()).toMatchObject({ ok: false, error: { code: "TIER_LIMIT_EXCEEDED" } });
  await owner.ok("stack_revoke_passport", { jti: passport.jti });
  const innocent = await issue(owner, agent.id);
  const [jwks, revocations] = [
    await app.services.signingKeys.jwks(),
    await app.services.revocations.signedList(),
  ];
  expect((await verifyPassportOffline(innocent.token, { jwks, revocations })).jti).toBe(
    innocent.jti,
  );
  await expect(verifyPassportOffline(passport.token, { jwks, revocations })).rejects.toMatchObject({
    refusal: "revoked",
  });
});

test("ends a child with its parent's time, even when that was shortened afterwards", async () => {
  let now = Date.now();
  const { app, owner, agent } = await agentAtWork({ start: false, clock: clockAt(() => now) });
  const parent = await issue(owner, agent.id, { ttl_seconds: 3_600 });
  const child = await owner.ok<Issued>("stack_delegate_passport", {
    parent_token: parent.token,
    child_agent_id: agent.id,
    ttl_seconds: 3_600,
  });
  await owner.ok("stack_refresh_passport", { jti: parent.jti, ttl_seconds: 60 });
  now += 120_000;
  expect(await carrying(app, child.token).refused("stack_browse_skills")).toMatchObject({
    code: "PASSPORT_EXPIRED",
  });
});

test("opens no connection that a child was not given, nor any beyond its scopes", async () => {
  const { app, seller, owner, agent } = await agentAtWork({ start: false });
  const connection = await connectCrm(owner);
  const required_credentials = [{ provider: "crm", scopes: ["write"] }];
  const draft = sealedScript("return {};", {
    credential_mode: "buyer_provides",
    required_credentials,
  });
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", draft);
  const order = { skill_id: skill.id, input: {}, wait_ms: 0 };
  await owner.ok("stack_update_agent", {
    agent_id: agent.id,
    allowed_connections: [connection.id],
  });
  const child = await registerAgent(owner, "child");
  const parent = await issue(owner, agent.id);
  const hand = (scopes?: string[]) =>
    owner.call("stack_delegate_passport", {
      parent_token: parent.token,
      child_agent_id: child.id,
      ...(scopes ? { scopes: [{ service_connection_id: connection.id, scopes }] } : {}),
    });
  expect(await hand(["write"])).toMatchObject({ ok: false, error: { code: "SCOPE_ESCALATION" } });
  const bare = (await hand()) as { value?: unknown };
  expect(
    await carrying(app, (bare.value as Issued).token).refused("stack_invoke_skill", order),
  ).toMatchObject({
    code: "FORBIDDEN",
  });
  await owner.ok("stack_update_agent", {
    agent_id: child.id,
    allowed_connections: [connection.id],
  });
  const [reads, writes] = [await hand(["read"]), await hand(["write"])] as unknown as {
    value: Issued;
  }[];
  expect(
    await carrying(app, reads?.value.token ?? "").refused("stack_invoke_skill", order),
  ).toMatchObject({
    code: "FORBIDDEN",
  });
  await carrying(app, writes?.value.token ?? "").ok("stack_invoke_skill", order);
  await owner.ok("stack_update_agent", { agent_id: child.id, allowed_connections: [] });
  expect(
    (await carrying(app, writes?.value.token ?? "").call("stack_invoke_skill", order)).ok,
  ).toBe(false);
});

test("issues no passport that would not fit into a header", async () => {
  const { owner, agent } = await agentAtWork({ start: false });
  const skills = Array.from({ length: 100 }, (_, i) => `skl_${String(i).padStart(26, "0")}`);
  const ask = { agent_id: agent.id, mandate: { skills, publishers: skills } };
  expect(await owner.refused("stack_issue_passport", ask)).toMatchObject({
    code: "INVALID_REQUEST",
    message: expect.stringContaining("bytes"),
  });
});
