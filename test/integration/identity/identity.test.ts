import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { carrying, issue, registerAgent } from "../../helpers/agents.ts";
import { openTestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { makeHome } from "../../helpers/home.ts";
import { startHttpServer } from "../../helpers/http-server.ts";
import { startPaidServer } from "../../helpers/payment-servers.ts";
import { send, startTestServer, type TestServer } from "../../helpers/server.ts";
import { openSkill } from "../../helpers/skills.ts";

interface Claims {
  readonly items: readonly {
    readonly id: string;
    readonly claim_type: string;
    readonly status: string;
  }[];
}

test("verifies locally on play money, and revokes passports with their claim", async () => {
  let now = Date.now();
  const { app, createOperator } = await openTestApp({ start: false, clock: clockAt(() => now) });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ trust_level_required: "L2" }),
  );
  const order = { skill_id: skill.id, input: {}, wait_ms: 0 };
  expect(await buyer.refused("stack_invoke_skill", order)).toMatchObject({
    code: "TRUST_LEVEL_INSUFFICIENT",
  });
  const started = await buyer.ok<{ session_ref: string }>("stack_start_verification", {
    provider: "idp_local",
    claim_types: ["verified_human", "verified_identity"],
  });
  const ask = { provider: "local", session_ref: started.session_ref };
  const claims = await buyer.ok<Claims>("stack_complete_verification", ask);
  expect(claims.items).toHaveLength(2);
  expect(await buyer.ok("stack_complete_verification", ask)).toEqual(claims);
  await buyer.ok("stack_invoke_skill", order);

  const agent = await registerAgent(buyer, "helper");
  const [human] = claims.items.filter(({ claim_type }) => claim_type === "verified_human");
  const whole = carrying(app, (await issue(buyer, agent.id)).token);
  const plain = carrying(
    app,
    (await issue(buyer, agent.id, { identity_claim_ids: [human?.id] })).token,
  );
  await whole.ok("stack_invoke_skill", order);
  expect(await plain.refused("stack_invoke_skill", order)).toMatchObject({
    code: "TRUST_LEVEL_INSUFFICIENT",
  });
  expect(
    await buyer.refused("stack_issue_passport", {
      agent_id: agent.id,
      identity_claim_ids: ["clm_x"],
    }),
  ).toMatchObject({
    code: "SCOPE_ESCALATION",
  });
  const identity = claims.items.find(({ claim_type }) => claim_type === "verified_identity");
  expect(await buyer.ok("stack_revoke_claim", { claim_id: identity?.id })).toMatchObject({
    passports_revoked: 1,
  });
  expect(await whole.refused("stack_browse_skills")).toMatchObject({ code: "PASSPORT_REVOKED" });
  await plain.ok("stack_browse_skills");
  expect(await buyer.refused("stack_revoke_claim", { claim_id: identity?.id })).toMatchObject({
    code: "NOT_FOUND",
  });
  expect(await seller.refused("stack_revoke_claim", { claim_id: human?.id })).toMatchObject({
    code: "NOT_FOUND",
  });
  now += 366 * 86_400_000;
  expect((await buyer.ok<Claims>("stack_list_claims")).items).toEqual([
    expect.objectContaining({ claim_type: "verified_human", status: "expired" }),
  ]);
});

const SECRETS = {
  STRIPE_SECRET_KEY: "sk_test_identity_canary",
  STRIPE_IDENTITY_WEBHOOK_SECRET: "whsec_identity_canary",
};

/** A server whose Stripe Identity is on this machine. */
async function startIdentityServer() {
  const mood = { status: 200 };
  const stripe = await startHttpServer((response) => {
    const session = {
      id: "vs_1",
      object: "identity.verification_session",
      url: "https://verify.stripe.com/start/1",
    };
    const refusal = { error: { type: "api_error", message: "no" } };
    response.writeHead(mood.status, { "content-type": "application/json" });
    response.end(JSON.stringify(mood.status === 200 ? session : refusal));
  });
  const home = makeHome();
  const identity = { stripe: { base_url: stripe.url } };
  writeFileSync(join(home, "config.json"), JSON.stringify({ identity }));
  return { stripe, mood, server: await startTestServer({ home, env: SECRETS }) };
}

function stripeSays(
  server: TestServer,
  type: string,
  secret = SECRETS.STRIPE_IDENTITY_WEBHOOK_SECRET,
) {
  const object = { id: "vs_1", object: "identity.verification_session" };
  const body = JSON.stringify({
    id: "evt_1",
    object: "event",
    api_version: "2026-01-01",
    type,
    data: { object },
  });
  const seconds = Math.floor(Date.now() / 1_000);
  const mac = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  return send(server, "POST /v1/identity/webhooks/stripe_identity", {
    body,
    headers: { "stripe-signature": `t=${seconds},v1=${mac}` },
  });
}

test("takes Stripe Identity's word by webhook only, and tells no secret of it", async () => {
  const { server, stripe } = await startIdentityServer();
  const key = await server.createOperator("buyer");
  const providers = await send(server, "GET /v1/identity/providers", { key });
  expect(providers.body).toMatchObject({
    items: [
      { provider_key: "local" },
      {
        id: "idp_stripe_identity",
        assurance_level: "high",
        supported_layers: ["humanity", "identity"],
      },
    ],
  });
  const body = { provider: "stripe_identity", claim_types: ["verified_identity"] };
  const started = await send(server, "POST /v1/identity/verifications", { key, body });
  expect(started).toMatchObject({
    status: 201,
    body: { session_ref: "vs_1", url: "https://verify.stripe.com/start/1" },
  });
  expect(stripe.seen[0]).toMatchObject({ url: "/v1/identity/verification_sessions" });
  const complete = () =>
    send(server, "POST /v1/identity/verifications/vs_1/complete", {
      key,
      body: { provider: "stripe_identity" },
    });
  expect(await complete()).toMatchObject({
    status: 403,
    body: {
      error: {
        code: "IDENTITY_REQUIREMENTS_NOT_MET",
        details: { url: "https://verify.stripe.com/start/1" },
      },
    },
  });
  expect(
    (await stripeSays(server, "identity.verification_session.verified", "whsec_other")).status,
  ).toBe(403);
  expect((await complete()).status).toBe(403);
  expect((await stripeSays(server, "identity.verification_session.processing")).status).toBe(200);
  expect((await complete()).status).toBe(403);
  for (let twice = 0; twice < 2; twice++)
    expect((await stripeSays(server, "identity.verification_session.verified")).status).toBe(200);
  const done = await complete();
  expect(done).toMatchObject({
    status: 200,
    body: {
      items: [
        { claim_type: "verified_identity", provider: "stripe_identity", assurance_level: "high" },
      ],
    },
  });
  expect((done.body as unknown as Claims).items).toHaveLength(1);
  const stranger = await server.createOperator("stranger");
  expect(
    (
      await send(server, "POST /v1/identity/verifications/vs_1/complete", {
        key: stranger,
        body: {},
      })
    ).status,
  ).toBe(404);
  expect(server.logged.join()).not.toMatch(/identity_canary/);
});

test("takes nobody at their word in a live-money database", async () => {
  const server = await startPaidServer("stripe");
  const key = await server.createOperator("buyer", { fundCents: 0 });
  expect((await send(server, "GET /v1/identity/providers", { key })).body).toEqual({ items: [] });
  const body = { provider: "local", claim_types: ["verified_human"] };
  expect((await send(server, "POST /v1/identity/verifications", { key, body })).status).toBe(404);
});

test("tells a verification that was given up from one that cannot start", async () => {
  const { server, mood } = await startIdentityServer();
  const key = await server.createOperator("buyer");
  const body = { provider: "stripe_identity", claim_types: ["verified_human"] };
  mood.status = 402;
  expect(await send(server, "POST /v1/identity/verifications", { key, body })).toMatchObject({
    status: 503,
    body: { error: { code: "BUSY" } },
  });
  mood.status = 200;
  await send(server, "POST /v1/identity/verifications", { key, body });
  await stripeSays(server, "identity.verification_session.canceled");
  const gone = await send(server, "POST /v1/identity/verifications/vs_1/complete", {
    key,
    body: {},
  });
  expect(gone.body).toMatchObject({
    error: { message: expect.stringContaining("did not verify") },
  });
  await stripeSays(server, "identity.verification_session.verified");
  expect((await send(server, "GET /v1/identity/claims", { key })).body).toEqual({ items: [] });
});
