import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { verifyPassportOffline } from "../../src/sdk/index.ts";
import { carrying, type Issued, issue, makeAgentKey, registerAgent } from "../helpers/agents.ts";
import { openTestApp } from "../helpers/app.ts";
import { connectTo } from "../helpers/clients.ts";
import { operatorOn } from "../helpers/operator.ts";
import { busiestOf, childrenOf } from "../helpers/processes.ts";
import { send, startTestServer, type TestServer } from "../helpers/server.ts";
import { sealedScript } from "../helpers/skills.ts";

type Body = Record<string, unknown>;

/** An agent that registered, and enrolled the key that it signs with. */
async function enrolled(server: TestServer) {
  const key = await server.createOperator("owner", { fundCents: 10_000 });
  const { body: agent } = await send(server, "POST /v1/agents/register", {
    key,
    body: { name: "support-bot" },
  });
  const agentId = String(agent.id);
  const agentKey = makeAgentKey();
  const { body: asked } = await send(server, `POST /v1/agents/${agentId}/enrollment-challenge`, {
    key,
  });
  const proof = {
    public_key: agentKey.publicJwk,
    challenge_id: asked.challenge_id,
    signed_challenge: agentKey.sign(String(asked.challenge)),
  };
  const done = await send(server, `POST /v1/agents/${agentId}/enroll`, { key, body: proof });
  expect(done).toMatchObject({
    status: 200,
    body: { id: agentId, public_key: { x: agentKey.publicJwk.x } },
  });
  /** As the agent: each request is signed anew. */
  const sign = (line: string, body?: Body) =>
    send(server, line, { key: agentKey.request(agentId), ...(body ? { body } : {}) });
  return { key, agentId, agentKey, proof, sign };
}

const INTENT = {
  summary: "Answer one customer ticket",
  services: ["slack", "github"],
  estimated_duration_seconds: 900,
};

test("goes through S3's flow, from register to revoke, by requests the agent signs", async () => {
  const server = await startTestServer();
  const { key, agentId, sign } = await enrolled(server);
  const { body: skill } = await send(server, "POST /v1/skills", {
    key: server.localKey,
    body: sealedScript("return { n: 1 };"),
  });
  const issued = await sign("POST /v1/passports/issue", {
    agent_id: agentId,
    intent: INTENT,
    ttl_seconds: 900,
  });
  expect(issued.status).toBe(201);
  const { token, jti } = issued.body as unknown as Issued;
  const invoked = await send(server, `POST /v1/skills/${skill.id}/invoke`, {
    key: token,
    body: { input: {}, wait_ms: 20_000 },
  });
  expect(invoked).toMatchObject({
    status: 201,
    body: { status: "completed", agent_id: agentId, passport_id: jti },
  });
  const client = await connectTo("v2 2026-07-28", { url: server.url, apiKey: token });
  expect(
    await client.call("stack_check_invocation", { invocation_id: invoked.body.id }),
  ).toMatchObject({
    isError: false,
  });

  const verified = await send(server, "POST /v1/passports/verify", { body: { token } });
  expect(verified).toMatchObject({
    status: 200,
    body: {
      valid: true,
      jti,
      agent_id: agentId,
      claims: { stk: { intent_summary: INTENT.summary } },
    },
  });
  const jwksUrl = `${server.url}/v1/.well-known/jwks.json`;
  const claims = await verifyPassportOffline(token, { jwksUrl });
  expect(claims).toMatchObject({
    jti,
    sub: agentId,
    aud: "stack",
    stk: { delegation_depth: 0, accountability: "enforced" },
  });
  expect((await send(server, "GET /v1/.well-known/jwks.json")).body).toMatchObject({
    keys: [
      { kty: "OKP", crv: "Ed25519", kid: "stack-passport-v1", alg: "EdDSA", use: "sig" },
      expect.anything(),
    ],
  });

  expect(
    await sign(`POST /v1/passports/${jti}/revoke`, { reason: "mission complete" }),
  ).toMatchObject({ status: 200 });
  for (const attempt of [
    await send(server, "POST /v1/passports/verify", { body: { token } }),
    await send(server, "GET /v1/skills", { key: token }),
  ]) {
    expect(attempt).toMatchObject({ status: 401, body: { error: { code: "PASSPORT_REVOKED" } } });
  }
  const { text: list } = await send(server, "GET /v1/.well-known/revocations.jwt");
  await verifyPassportOffline(token, { jwksUrl });
  await expect(verifyPassportOffline(token, { jwksUrl, revocations: list })).rejects.toMatchObject({
    refusal: "revoked",
  });
  const audit = await send(server, `GET /v1/audit?passport_jti=${jti}`, { key });
  expect((audit.body.entries as Body[]).map(({ action }) => action)).toEqual(
    expect.arrayContaining([
      "passport.issue",
      "skill.invoke",
      "skill.settle",
      "passport.revoke",
      "credential.refused",
    ]),
  );
});

test("takes an enrolled key's request once, within a minute, for no operator's call", async () => {
  const server = await startTestServer();
  const { key, agentId, agentKey, proof, sign } = await enrolled(server);
  const ask = (request: string) => send(server, "GET /v1/skills", { key: request });
  // The algorithm has two names, and an audience two forms.
  for (const request of [
    agentKey.request(agentId, {}, { alg: "Ed25519" }),
    agentKey.request(agentId, { aud: ["stack:agent"] }),
  ]) {
    expect((await ask(request)).status).toBe(200);
  }
  const once = agentKey.request(agentId);
  expect((await ask(once)).status).toBe(200);
  expect(await ask(once)).toMatchObject({
    status: 401,
    body: { error: { details: { reason: "replayed" } } },
  });
  const now = Math.floor(Date.now() / 1_000);
  const refused: [string, string][] = [
    ["signature", makeAgentKey().request(agentId)],
    ["claims", agentKey.request(agentId, { exp: now + 61 })],
    ["expired", agentKey.request(agentId, { iat: now - 70, nbf: now - 70, exp: now - 10 })],
    ["not_yet_valid", agentKey.request(agentId, { iat: now + 30, nbf: now + 30, exp: now + 60 })],
    ["claims", agentKey.request(agentId, { jti: undefined })],
    ["issuer", agentKey.request(agentId, { iss: "somebody" })],
    ["audience", agentKey.request(agentId, { aud: ["stack:agent", "other"] })],
    ["header", agentKey.request(agentId, {}, { alg: "none" })],
    ["header", agentKey.request(agentId, {}, { alg: "ES256" })],
    ["header", agentKey.request(agentId, {}, { jwk: agentKey.publicJwk })],
  ];
  for (const [reason, request] of refused) {
    const answer = await ask(request);
    expect([
      reason,
      answer.status,
      (answer.body.error as { details: Body }).details.reason,
    ]).toEqual([reason, 401, reason]);
  }
  expect((await sign("GET /v1/billing/transactions")).status).toBe(403);
  expect((await sign("GET /v1/agents")).status).toBe(403);
  expect((await sign(`POST /v1/agents/${agentId}/enroll`, proof)).status).toBe(403);
  const again = await send(server, `POST /v1/agents/${agentId}/enroll`, { key, body: proof });
  expect(again).toMatchObject({ status: 404 });
  const { body: asked } = await send(server, `POST /v1/agents/${agentId}/enrollment-challenge`, {
    key,
  });
  const other = makeAgentKey();
  const stolen = {
    ...proof,
    public_key: other.publicJwk,
    challenge_id: asked.challenge_id,
    signed_challenge: agentKey.sign(String(asked.challenge)),
  };
  expect(
    await send(server, `POST /v1/agents/${agentId}/enroll`, { key, body: stolen }),
  ).toMatchObject({
    status: 400,
    body: { error: { details: { field: "signed_challenge" } } },
  });
  await send(server, `PATCH /v1/agents/${agentId}`, { key, body: { status: "suspended" } });
  expect((await sign("GET /v1/skills")).status).toBe(403);
  await send(server, `DELETE /v1/agents/${agentId}`, { key });
  expect((await sign("GET /v1/skills")).status).toBe(401);
});

test("feeds revocations of any process within a second, going on where it was left", async () => {
  const server = await startTestServer();
  const key = await server.createOperator("owner");
  const beside = await openTestApp({ home: server.home, start: false });
  const owner = operatorOn(beside.app, "", key);
  const agent = await registerAgent(owner, "helper");
  const [first, second] = [await issue(owner, agent.id), await issue(owner, agent.id)];
  const listen = async (after?: string) => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(after ? { "last-event-id": after } : {}),
    };
    const stop = new AbortController();
    const response = await fetch(`${server.url}/v1/passports/revocations`, {
      headers,
      signal: stop.signal,
    });
    const reader = (response.body as ReadableStream<Uint8Array>)
      .pipeThrough(new TextDecoderStream())
      .getReader();
    let text = "";
    const until = async (wanted: string) => {
      while (!text.includes(wanted)) text += (await reader.read()).value ?? "";
      return text;
    };
    return { until, stop: () => stop.abort() };
  };
  const feed = await listen();
  await feed.until("event: ready");
  const began = performance.now();
  await owner.ok("stack_revoke_passport", { jti: first.jti, reason: "lost" });
  const text = await feed.until(first.jti);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(text).toContain('"type":"single"');
  const [, id = ""] = /id: (\d+)/.exec(text) ?? [];
  feed.stop();
  await owner.ok("stack_revoke_all_passports");
  const later = await listen(id);
  expect(await later.until(second.jti)).toContain('"type":"bulk_operator"');
  later.stop();
  const passport = await issue(owner, agent.id);
  expect(
    (await send(server, "GET /v1/passports/revocations", { key: passport.token })).status,
  ).toBe(403);
  expect((await send(server, "GET /v1/passports/revocations")).status).toBe(401);
});

test.each(["the same process", "another process"])(
  "kills what runs under a passport revoked in %s, and voids its hold, within a second",
  async (where) => {
    const running = await openTestApp();
    const { app, home, createOperator } = running;
    const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
    const draft = sealedScript("if (input.forever) for (;;); return {};");
    const skill = await seller.ok<{ id: string }>("stack_publish_skill", draft);
    const [agent, child] = [
      await registerAgent(buyer, "helper"),
      await registerAgent(buyer, "child"),
    ];
    const parent = await issue(buyer, agent.id);
    const handed = await buyer.ok<Issued>("stack_delegate_passport", {
      parent_token: parent.token,
      child_agent_id: child.id,
    });
    const passport = carrying(app, handed.token);
    const order = { skill_id: skill.id, input: { forever: true }, wait_ms: 0 };
    const { id } = await passport.ok<{ id: string }>("stack_invoke_skill", order);
    const busy = await busyChild();
    const other = where === "another process" ? await openTestApp({ home, start: false }) : running;
    const revoking = operatorOn(other.app, buyer.id, buyer.apiKey);
    const began = performance.now();
    const told = await revoking.ok("stack_revoke_passport", { jti: parent.jti });
    expect(told).toMatchObject({ cascaded: [handed.jti], cancelled_invocations: 1 });
    expect(await passport.refused("stack_check_invocation", { invocation_id: id })).toMatchObject({
      code: "PASSPORT_REVOKED",
    });
    while (childrenOf(process.pid).includes(busy)) await delay(1);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(await buyer.ok("stack_check_invocation", { invocation_id: id })).toMatchObject({
      status: "cancelled",
      held_cents: 0,
    });
  },
);

/** The child that runs, told by the processor time it takes. */
async function busyChild(): Promise<number> {
  for (;;) {
    const busy = busiestOf(process.pid, 200);
    if (busy !== undefined) return busy;
    await delay(5);
  }
}
