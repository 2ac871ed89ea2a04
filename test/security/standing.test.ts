import { expect, test } from "vitest";
import { verifyPassportOffline } from "../../src/sdk/index.ts";
import { Secret } from "../../src/shared/secret.ts";
import { carrying, type Issued, issue, makeAgentKey, registerAgent } from "../helpers/agents.ts";
import { openTestApp, type TestApp } from "../helpers/app.ts";
import { clockAt } from "../helpers/clock.ts";
import { makeHome } from "../helpers/home.ts";
import { type Operator, operatorAs, operatorOn, WHOLE } from "../helpers/operator.ts";
import { rawDatabase } from "../helpers/raw-database.ts";
import { operationNamed, send, startTestServer } from "../helpers/server.ts";
import { openSkill, sealedScript } from "../helpers/skills.ts";

async function world(options: Parameters<typeof openTestApp>[0] = {}) {
  const opened = await openTestApp(options);
  const [seller, owner] = [
    await opened.enter("seller"),
    await opened.enter("owner", { fundCents: 10_000 }),
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

/** How to call as an agent whose request was let in. */
async function enrol(app: TestApp["app"], owner: Operator, agentId: string): Promise<Operator> {
  const key = makeAgentKey();
  const caller = await app.services.authentication.authenticate({ kind: "local" });
  const own = { ...caller, operatorId: owner.id };
  const asked = await app.services.agents.challenge(own, agentId);
  const proof = {
    public_key: key.publicJwk,
    challenge_id: asked.challenge_id,
    signed_challenge: key.sign(asked.challenge),
  };
  await app.services.agents.enrol(own, agentId, proof);
  return operatorAs(app, { kind: "agent", agentId, publicKey: String(key.publicJwk.x) });
}

/** Lets something happen between a caller's being let in and its transaction. */
function beforeNextTransaction(app: TestApp["app"], what: () => Promise<unknown>): void {
  const { store } = app;
  const transact = store.transact.bind(store);
  store.transact = async (gates, work) => {
    store.transact = transact;
    await what();
    return transact(gates, work);
  };
}

const BLOWS: [string, (w: Awaited<ReturnType<typeof world>>, child: Issued) => Promise<unknown>][] =
  [
    [
      "its passport is revoked",
      ({ owner, passport }) => owner.ok("stack_revoke_passport", { jti: passport.jti }),
    ],
    [
      "its passport is checked out",
      ({ owner, passport }) => owner.ok("stack_checkout", { jti: passport.jti }),
    ],
    [
      "its agent is suspended",
      ({ owner, agent }) =>
        owner.ok("stack_update_agent", { agent_id: agent.id, status: "suspended" }),
    ],
    [
      "its agent is deleted",
      ({ owner, agent }) => owner.ok("stack_delete_agent", { agent_id: agent.id }),
    ],
    [
      "its skills are taken away",
      ({ owner, agent }) =>
        owner.ok("stack_update_agent", { agent_id: agent.id, skill_access_mode: "allowed" }),
    ],
  ];

const PRINCIPALS = ["the passport", "a child of it", "the agent's own signature"] as const;

test.each(BLOWS.flatMap(([name, blow]) => PRINCIPALS.map((by) => [name, by, blow] as const)))(
  "when %s at the last moment, no hold is taken by %s",
  async (name, by, blow) => {
    const made = await world({ start: false });
    const { app, owner, agent, passport, order, carried } = made;
    const child = await owner.ok<Issued>("stack_delegate_passport", {
      parent_token: passport.token,
      child_agent_id: agent.id,
    });
    const signed = await enrol(app, owner, agent.id);
    const who = {
      "the passport": carried,
      "a child of it": carrying(app, child.token),
      "the agent's own signature": signed,
    }[by];
    await who.ok("stack_browse_skills");
    beforeNextTransaction(app, () => blow(made, child));
    const { ok } = await who.call("stack_invoke_skill", order);
    // What befalls a passport does not bind the agent's own signature.
    expect(ok).toBe(by === PRINCIPALS[2] && name.includes("passport"));
    expect(await owner.ok("stack_get_balance")).toMatchObject({ held_cents: ok ? 100 : 0 });
  },
);

test.each([
  "stack_delegate_passport",
  "stack_checkpoint",
  "stack_refresh_passport",
  "stack_issue_passport",
])("%s is refused when its agent is suspended at the last moment", async (tool) => {
  const { app, owner, agent, passport, carried } = await world({ start: false });
  const signed = await enrol(app, owner, agent.id);
  const [who, input] = {
    stack_delegate_passport: [carried, { parent_token: passport.token, child_agent_id: agent.id }],
    stack_checkpoint: [carried, { jti: passport.jti }],
    stack_refresh_passport: [signed, { jti: passport.jti }],
    stack_issue_passport: [signed, { agent_id: agent.id }],
  }[tool] as [Operator, Record<string, unknown>];
  await who.call("stack_browse_skills");
  beforeNextTransaction(app, () =>
    owner.ok("stack_update_agent", { agent_id: agent.id, status: "suspended" }),
  );
  expect(await who.refused(tool, input)).toMatchObject({ code: "FORBIDDEN" });
});

test("whoever waits for a result hears nothing of it once its passport is revoked, and its agent's work is over", async () => {
  const { app, seller, owner, agent, passport, order, carried } = await world();
  const { id } = await carried.ok<{ id: string }>("stack_invoke_skill", order);
  await seller.ok("stack_claim_invocation", { invocation_id: id });
  const { promise: waits, resolve: tell } = Promise.withResolvers<void>();
  const waiting = app.engine.run({
    operation: operationNamed("stack_check_invocation"),
    input: { invocation_id: id, wait_ms: 20_000 },
    credential: { kind: "bearer", token: new Secret(passport.token), source: "the test" },
    profile: WHOLE,
    signal: new AbortController().signal,
    progress: () => tell(),
  });
  await waits;
  await owner.ok("stack_revoke_passport", { jti: passport.jti });
  await seller.ok("stack_complete_invocation", { invocation_id: id, output: { text: "secret" } });
  expect(await waiting).toMatchObject({ ok: false, error: { code: "PASSPORT_REVOKED" } });
  const forever = await seller.ok<{ id: string }>("stack_publish_skill", sealedScript("for (;;);"));
  for (const blow of [
    () => owner.ok("stack_update_agent", { agent_id: agent.id, status: "suspended" }),
    () => enrol(app, owner, agent.id),
    () => owner.ok("stack_delete_agent", { agent_id: agent.id }),
  ]) {
    await owner.ok("stack_update_agent", { agent_id: agent.id, status: "active" });
    const signed = await enrol(app, owner, agent.id);
    const run = await signed.ok<{ id: string }>("stack_invoke_skill", {
      skill_id: forever.id,
      input: {},
      wait_ms: 0,
    });
    await blow();
    // Suspended, known by another key, or gone: what was let in before is let in no more.
    expect((await signed.call("stack_browse_skills")).ok).toBe(false);
    expect(await owner.ok("stack_check_invocation", { invocation_id: run.id })).toMatchObject({
      status: "cancelled",
    });
  }
});

test("work that a provider let lapse is not offered again once its passport is revoked", async () => {
  let now = Date.now();
  const { app, seller, owner, passport, order, carried } = await world({
    start: false,
    clock: clockAt(() => now),
  });
  const { id } = await carried.ok<{ id: string }>("stack_invoke_skill", order);
  await seller.ok("stack_claim_invocation", { invocation_id: id });
  await owner.ok("stack_revoke_passport", { jti: passport.jti });
  now += 6 * 60_000;
  await app.chores.pass();
  expect(await owner.ok("stack_check_invocation", { invocation_id: id })).toMatchObject({
    status: "cancelled",
    held_cents: 0,
  });
});

test("nobody gives an agent what it does not have itself", async () => {
  const server = await startTestServer();
  await server.enter("owner");
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

test("a blocked agent is let in nowhere, by its signature neither", async () => {
  const { app, owner, agent } = await world();
  const strict = await registerAgent(owner, "strict", { accountability_mode: "enforced" });
  const signed = await enrol(app, owner, strict.id);
  const issued = await signed.ok<Issued>("stack_issue_passport", {
    agent_id: strict.id,
    intent: { summary: "x", services: [] },
  });
  await signed.ok("stack_checkpoint", { jti: issued.jti, services_used: ["bank"] });
  const out = await signed.ok<{ id: string }>("stack_checkout", { jti: issued.jti });
  await owner.ok("stack_review_checkout", { checkout_id: out.id, decision: "block" });
  expect(await signed.refused("stack_browse_skills")).toMatchObject({ code: "PASSPORT_BLOCKED" });
  expect(agent.id).not.toBe(strict.id);
});

test("an enforced agent cannot put off its reports by refreshing, and reports at their largest are taken", async () => {
  let now = Date.now();
  const { app, owner } = await world({ start: false, clock: clockAt(() => now) });
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

test("an odd reason does not stop a revocation, and the signed list knows every token that was ever signed", async () => {
  let now = Date.now();
  const { app, owner, agent } = await world({ start: false, clock: clockAt(() => now) });
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

test("a session has only so many passports, and however many are revoked the signed list can be read", async () => {
  const { app, owner, agent, passport, carried } = await world({ start: false });
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

test("a child dies with its parent's time, even when that was made shorter afterwards", async () => {
  let now = Date.now();
  const { app, owner, agent } = await world({ start: false, clock: clockAt(() => now) });
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

test("a delegation opens no connection that the child was not given, and a scope is a scope", async () => {
  const { app, seller, owner, agent } = await world({ start: false });
  const connection = await owner.ok<{ id: string }>("stack_connect_custom_service", {
    provider: "crm",
    hosts: ["api.acme.example"],
    auth: { type: "bearer" },
    secret: "12345678",
  });
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

test("idempotency keys of an agent are its own", async () => {
  const { owner, order, carried, app, agent } = await world({ start: false });
  const keyed = { ...order, idempotency_key: "tomorrow" };
  const first = await carried.ok<{ id: string }>("stack_invoke_skill", keyed);
  expect((await carried.ok<{ id: string }>("stack_invoke_skill", keyed)).id).toBe(first.id);
  const own = await owner.ok<{ id: string }>("stack_invoke_skill", {
    ...keyed,
    input: { other: 1 },
  });
  const session = carrying(app, (await issue(owner, agent.id)).token);
  const other = await session.ok<{ id: string }>("stack_invoke_skill", {
    ...keyed,
    input: { third: 1 },
  });
  expect(new Set([first.id, own.id, other.id]).size).toBe(3);
});

test("orders that wait for approval keep nobody else from buying", async () => {
  const { app, owner, agent, order } = await world({ start: false });
  const timid = carrying(
    app,
    (await issue(owner, agent.id, { mandate: { approve_over_cents: 0 } })).token,
  );
  for (let i = 0; i < 100; i++) await timid.ok("stack_invoke_skill", { ...order, repeat: true });
  expect(await timid.refused("stack_invoke_skill", { ...order, repeat: true })).toMatchObject({
    code: "RATE_LIMITED",
  });
  await app.services.operators.fund(owner.id, 10_000);
  await owner.ok("stack_invoke_skill", order);
});

test("a passport that would not fit into a header is not issued", async () => {
  const { owner, agent } = await world({ start: false });
  const skills = Array.from({ length: 100 }, (_, i) => `skl_${String(i).padStart(26, "0")}`);
  const ask = { agent_id: agent.id, mandate: { skills, publishers: skills } };
  expect(await owner.refused("stack_issue_passport", ask)).toMatchObject({
    code: "INVALID_REQUEST",
    message: expect.stringContaining("bytes"),
  });
});

test("rows are dropped by leave of the server alone: neither a published checkpoint nor a key from elsewhere is one", async () => {
  const home = makeHome();
  const { app, owner } = await world({ start: false, home });
  const head = await owner.ok<{ seq: number; hash: string; checkpoint: string }>(
    "stack_get_audit_head",
  );
  const raw = rawDatabase(home);
  raw
    .prepare("insert into audit_checkpoints values (?, ?, ?, ?, 0)")
    .run(owner.id, head.seq, head.hash, head.checkpoint);
  raw.prepare("delete from audit_log where operator_id = ?").run(owner.id);
  const problems = async () =>
    (await app.services.audit.verify()).map(({ problem }) => problem ?? "").join();
  expect(await problems()).toContain("is not one that this server signed");
  raw
    .prepare("insert into signing_keys values ('mine', ?, 'retired', 0, 0)")
    .run(JSON.stringify(makeAgentKey().publicJwk));
  const before = await app.services.signingKeys.jwks();
  expect(before.keys.map(({ kid }) => kid)).not.toContain("mine");
  raw
    .prepare("update signing_keys set public_jwk = ?")
    .run(JSON.stringify(makeAgentKey().publicJwk));
  expect(await app.services.signingKeys.jwks()).toEqual(before);
});

test("who floods the door with bad keys leaves room in everybody's own log", async () => {
  const { app, owner, passport, carried } = await world({ start: false });
  for (let i = 0; i < 70; i++)
    await operatorOn(app, "", `sk_live_op_${i}`).call("stack_browse_skills");
  await carried.refused("stack_list_transactions");
  await owner.ok("stack_revoke_passport", { jti: passport.jti });
  await carried.refused("stack_browse_skills");
  const { entries } = await owner.ok<{ entries: { action: string; error_code: string }[] }>(
    "stack_query_audit",
    {},
  );
  const refused = entries
    .filter(({ action }) => action === "credential.refused")
    .map(({ error_code }) => error_code);
  expect(refused).toEqual(["PASSPORT_REVOKED", "FORBIDDEN"]);
});

test("passports of one agent share its minute, and its checkpoint keeps its MCP session", async () => {
  const server = await startTestServer();
  await server.enter("owner");
  const key = await server.keyFor("owner");
  const agents = { name: "helper", accountability_mode: "enforced" };
  const { body: agent } = await send(server, "POST /v1/agents/register", { key, body: agents });
  const ask = { agent_id: agent.id, intent: { summary: "x", services: [] } };
  const issued = (await send(server, "POST /v1/passports/issue", { key, body: ask }))
    .body as unknown as Issued;
  const rpc = (token: string, body: object, headers: Record<string, string> = {}) =>
    send(server, "POST /mcp", {
      key: token,
      body: { jsonrpc: "2.0", id: 1, ...body },
      headers: { accept: "application/json, text/event-stream", ...headers },
    });
  const params = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "t", version: "0" },
  };
  const session =
    (await rpc(issued.token, { method: "initialize", params })).headers.get("mcp-session-id") ?? "";
  const next = (
    await send(server, `POST /v1/passports/${issued.jti}/checkpoint`, {
      key: issued.token,
      body: {},
    })
  ).body as unknown as Issued;
  const headers = { "mcp-session-id": session, "mcp-protocol-version": "2025-06-18" };
  expect((await rpc(next.token, { method: "tools/list" }, headers)).status).toBe(200);
  const other = (await send(server, "POST /v1/passports/issue", { key, body: ask }))
    .body as unknown as Issued;
  expect((await rpc(other.token, { method: "tools/list" }, headers)).status).toBe(404);
  const statuses = [];
  for (let i = 0; i < 610; i++)
    statuses.push(
      (await send(server, "GET /v1/passports", { key: i % 2 ? next.token : other.token })).status,
    );
  expect(statuses.at(-1)).toBe(429);
});
