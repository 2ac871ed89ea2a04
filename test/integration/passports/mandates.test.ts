import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { carrying, type Issued, issue, registerAgent } from "../../helpers/agents.ts";
import { openTestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { makeHome } from "../../helpers/home.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

async function world(options: Parameters<typeof openTestApp>[0] = {}) {
  const opened = await openTestApp(options);
  const [seller, buyer] = [
    await opened.enter("seller"),
    await opened.enter("buyer", { fundCents: 100_000 }),
  ];
  const agent = await registerAgent(buyer, "helper");
  return { ...opened, seller, buyer, agent };
}

test("a passport buys for its operator, follows its own session, and reaches nothing else", async () => {
  const { app, seller, buyer, agent } = await world();
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    sealedScript("return { n: 2 };"),
  );
  const passport = carrying(app, (await issue(buyer, agent.id)).token);
  const bought = await passport.ok<{ id: string; status: string; agent_id: string }>(
    "stack_invoke_skill",
    {
      skill_id: skill.id,
      input: {},
      wait_ms: 20_000,
    },
  );
  expect(bought).toMatchObject({ status: "completed", output: { n: 2 }, agent_id: agent.id });
  expect(await passport.ok("stack_check_invocation", { invocation_id: bought.id })).toMatchObject({
    id: bought.id,
  });
  const mine = await buyer.ok<{ id: string }>("stack_invoke_skill", {
    skill_id: skill.id,
    input: {},
    wait_ms: 0,
  });
  expect(
    await passport.refused("stack_check_invocation", { invocation_id: mine.id }),
  ).toMatchObject({
    code: "INVOCATION_NOT_FOUND",
  });
  expect(
    (await passport.ok<{ items: { id: string }[] }>("stack_list_my_invocations")).items,
  ).toEqual([expect.objectContaining({ id: bought.id })]);
  for (const tool of [
    "stack_list_transactions",
    "stack_publish_skill",
    "stack_register_agent",
    "stack_topup",
    "stack_list_agents",
  ]) {
    expect(await passport.refused(tool, {}), tool).toMatchObject({ code: "FORBIDDEN" });
  }
  expect(await passport.refused("stack_issue_passport", { agent_id: agent.id })).toMatchObject({
    code: "FORBIDDEN",
  });
});

test("an agent that answers for itself states an intent, and reports to live on", async () => {
  let now = Date.now();
  const { app, buyer } = await world({ clock: clockAt(() => now) });
  const agent = await registerAgent(buyer, "strict", { accountability_mode: "enforced" });
  expect(await buyer.refused("stack_issue_passport", { agent_id: agent.id })).toMatchObject({
    code: "ACCOUNTABILITY_REQUIRED",
  });
  const intent = { summary: "Look things up", services: ["crm"] };
  const issued = await issue(buyer, agent.id, {
    intent,
    ttl_seconds: 900,
    checkpoint_interval_seconds: 60,
  });
  expect(Date.parse(issued.expires_at) - now).toBeLessThanOrEqual(60_000);
  const passport = carrying(app, issued.token);
  now += 50_000;
  const next = await passport.ok<Issued>("stack_checkpoint", {
    jti: issued.jti,
    services_used: ["crm"],
    actions_count: 1,
  });
  now += 20_000;
  expect(await passport.refused("stack_browse_skills")).toMatchObject({ code: "PASSPORT_EXPIRED" });
  const renewed = carrying(app, next.token);
  await renewed.ok("stack_browse_skills");
  await renewed.ok("stack_checkpoint", { jti: issued.jti, services_used: ["crm", "bank"] });
  const out = await renewed.ok("stack_checkout", { jti: issued.jti, summary: "Done" });
  expect(out).toMatchObject({
    bucket: "blocked",
    status: "pending",
    summary: "Done",
    findings: [expect.stringContaining('"bank"')],
  });
  expect(await renewed.refused("stack_browse_skills")).toMatchObject({ code: "PASSPORT_REVOKED" });
  await buyer.ok("stack_review_checkout", {
    checkout_id: (out as unknown as { id: string }).id,
    decision: "block",
  });
  expect(await buyer.refused("stack_issue_passport", { agent_id: agent.id, intent })).toMatchObject(
    {
      code: "PASSPORT_BLOCKED",
    },
  );
  await buyer.ok("stack_unblock_agent", { agent_id: agent.id });
  await issue(buyer, agent.id, { intent });
});

test("checkpoints never carry a passport past the time that it was issued for", async () => {
  let now = Date.now();
  const { app, buyer } = await world({ clock: clockAt(() => now) });
  const agent = await registerAgent(buyer, "strict", { accountability_mode: "enforced" });
  const intent = { summary: "Look things up", services: [] };
  const issued = await issue(buyer, agent.id, {
    intent,
    ttl_seconds: 120,
    checkpoint_interval_seconds: 60,
  });
  const end = now + 120_000;
  let { token } = issued;
  for (let step = 0; step < 3; step++) {
    now += 35_000;
    const next = await carrying(app, token).ok<Issued>("stack_checkpoint", { jti: issued.jti });
    expect(Date.parse(next.expires_at)).toBeLessThanOrEqual(end);
    ({ token } = next);
  }
  now = end + 1;
  expect(await carrying(app, token).refused("stack_checkpoint", { jti: issued.jti })).toMatchObject(
    {
      code: "PASSPORT_EXPIRED",
    },
  );
});

test("a refresh is the operator's, keeps the passport's name and what it spent, and ends a day after the passport", async () => {
  let now = Date.now();
  const { app, seller, buyer, agent } = await world({ clock: clockAt(() => now) });
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const issued = await issue(buyer, agent.id, {
    ttl_seconds: 60,
    mandate: { max_total_cents: 250 },
  });
  const passport = carrying(app, issued.token);
  const order = { skill_id: skill.id, input: {}, repeat: true, wait_ms: 0 };
  await passport.ok("stack_invoke_skill", order);
  await passport.ok("stack_invoke_skill", order);
  expect(await passport.refused("stack_refresh_passport", { jti: issued.jti })).toMatchObject({
    code: "FORBIDDEN",
  });
  now += 3_600_000;
  expect(await passport.refused("stack_invoke_skill", order)).toMatchObject({
    code: "PASSPORT_EXPIRED",
  });
  const renewed = await buyer.ok<Issued>("stack_refresh_passport", { token: issued.token });
  expect(renewed).toMatchObject({ jti: issued.jti, session_id: issued.session_id });
  expect(await carrying(app, renewed.token).refused("stack_invoke_skill", order)).toMatchObject({
    code: "MANDATE_EXCEEDED",
  });
  now += 2 * 86_400_000;
  expect(await buyer.refused("stack_refresh_passport", { jti: issued.jti })).toMatchObject({
    code: "PASSPORT_EXPIRED",
  });
});

test("a refused purchase says whose total it would exceed, by how much, and what would let it pass", async () => {
  const { app, seller, buyer, agent } = await world();
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const issued = await issue(buyer, agent.id, { mandate: { max_total_cents: 150 } });
  const order = { skill_id: skill.id, input: {}, repeat: true, wait_ms: 0 };
  const passport = carrying(app, issued.token);
  await passport.ok("stack_invoke_skill", order);
  const own = await passport.refused("stack_invoke_skill", order);
  const total = {
    counter: "max_total_cents",
    owner: issued.jti,
    limit_cents: 150,
    left_cents: 50,
    hold_cents: 100,
  };
  expect(own.details).toMatchObject(total);
  expect(own.message).toContain("This limit would let it pass with 200 in all.");
  const helper = await registerAgent(buyer, "second");
  const child = { parent_token: issued.token, child_agent_id: helper.id };
  const { token } = await buyer.ok<Issued>("stack_delegate_passport", child);
  const above = await carrying(app, token).refused("stack_invoke_skill", order);
  expect(above.details).toMatchObject(total);
  expect(above.message).toContain(`of ${issued.jti}, which this one came from`);
});

test("a mandate bounds skills, publishers, calls and totals, and a quote says the same", async () => {
  const { app, seller, buyer, agent } = await world();
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const other = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ name: "other" }),
  );
  const attempt = async (mandate: object, skillId = skill.id) => {
    const passport = carrying(app, (await issue(buyer, agent.id, { mandate })).token);
    const quote = await passport.ok<{ obstacles: { code: string }[] }>("stack_quote_skill", {
      skill_id: skillId,
    });
    const outcome = await passport.call("stack_invoke_skill", {
      skill_id: skillId,
      input: {},
      wait_ms: 0,
    });
    expect(quote.obstacles.length === 0).toBe(outcome.ok);
    return outcome.ok ? "ok" : `${outcome.error.code} ${outcome.error.details?.field}`;
  };
  expect(
    await attempt({
      skills: [skill.id],
      publishers: [seller.id],
      max_total_cents: 100,
      max_per_call_cents: 100,
    }),
  ).toBe("ok");
  expect(await attempt({ skills: [skill.id] }, other.id)).toBe("MANDATE_EXCEEDED mandate.skills");
  expect(await attempt({ publishers: [buyer.id] })).toBe("MANDATE_EXCEEDED mandate.publishers");
  expect(await attempt({ max_per_call_cents: 99 })).toBe(
    "MANDATE_EXCEEDED mandate.max_per_call_cents",
  );
  expect(await attempt({ max_total_cents: 99 })).toBe("MANDATE_EXCEEDED mandate.max_total_cents");
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ held_cents: 100 });
});

test("what was not charged is free again under a mandate", async () => {
  const { app, seller, buyer, agent } = await world();
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const issued = await issue(buyer, agent.id, { mandate: { max_total_cents: 100 } });
  const passport = carrying(app, issued.token);
  const order = { skill_id: skill.id, input: {}, repeat: true, wait_ms: 0 };
  const spent = async () =>
    (await buyer.ok<{ items: { spent_cents: number }[] }>("stack_list_active_passports")).items[0]
      ?.spent_cents;
  const first = await passport.ok<{ id: string }>("stack_invoke_skill", order);
  expect(await spent()).toBe(100);
  await seller.ok("stack_fail_invocation", { invocation_id: first.id });
  expect(await spent()).toBe(0);
  const second = await passport.ok<{ id: string }>("stack_invoke_skill", order);
  await seller.ok("stack_complete_invocation", { invocation_id: second.id, output: { text: "x" } });
  expect(await spent()).toBe(100);
  expect(await passport.refused("stack_invoke_skill", order)).toMatchObject({
    code: "MANDATE_EXCEEDED",
  });
});

test("a reserve that was not used counts under no mandate", async () => {
  const { app, seller, buyer, agent } = await world();
  const draft = sealedScript("", {
    output_schema: true,
    execution_steps: [{ type: "llm", model: "openai/gpt-4o", max_tokens: 8_000 }],
  });
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", draft);
  const issued = await issue(buyer, agent.id, { mandate: { max_total_cents: 1_000 } });
  const order = { skill_id: skill.id, input: {}, wait_ms: 20_000 };
  const run = await carrying(app, issued.token).ok<{
    charged_cents: number;
    reserve_cents: number;
  }>("stack_invoke_skill", order);
  expect(25 + run.reserve_cents).toBeGreaterThan(run.charged_cents);
  const { items } = await buyer.ok<{ items: { spent_cents: number }[] }>(
    "stack_list_active_passports",
  );
  expect(items[0]?.spent_cents).toBe(run.charged_cents);
});

test("above its threshold a purchase waits for the operator: nobody works on it before, and a no frees the hold", async () => {
  const { app, seller, buyer, agent } = await world();
  const sealed = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    sealedScript("return { n: 1 };"),
  );
  const open = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const passport = carrying(
    app,
    (await issue(buyer, agent.id, { mandate: { approve_over_cents: 20 } })).token,
  );
  const ask = (skill_id: string) =>
    passport.ok<{ id: string; approval: object }>("stack_invoke_skill", {
      skill_id,
      input: {},
      wait_ms: 0,
    });
  const [first, second] = [await ask(sealed.id), await ask(open.id)];
  expect(first).toMatchObject({
    status: "pending",
    approval: { expires_at: expect.any(String) },
    note: expect.stringContaining(`\`stack-mcp approval approve ${first.id}\` says yes`),
  });
  expect((await seller.ok<{ items: unknown[] }>("stack_list_pending_invocations")).items).toEqual(
    [],
  );
  const taken = await seller.refused("stack_claim_invocation", { invocation_id: second.id });
  expect(taken.code).toBe("INVOCATION_NOT_FOUND");
  expect(
    await passport.refused("stack_approve_invocation", { invocation_id: first.id }),
  ).toMatchObject({
    code: "FORBIDDEN",
  });
  expect(
    await seller.refused("stack_approve_invocation", { invocation_id: first.id }),
  ).toMatchObject({
    code: "INVOCATION_NOT_FOUND",
  });
  await buyer.ok("stack_approve_invocation", { invocation_id: first.id });
  const done = await passport.ok("stack_check_invocation", {
    invocation_id: first.id,
    wait_ms: 20_000,
  });
  expect(done).toMatchObject({ status: "completed" });
  expect(await buyer.ok("stack_deny_invocation", { invocation_id: second.id })).toMatchObject({
    status: "cancelled",
  });
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ held_cents: 0 });
  expect(
    await buyer.refused("stack_approve_invocation", { invocation_id: second.id }),
  ).toMatchObject({
    code: "INVOCATION_NOT_OPEN",
  });
});

test("an agent is kept to the skills it was given, and one above it in the lineage counts too", async () => {
  const { app, seller, buyer, agent } = await world();
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

test("a connection that an agent was not given stays closed to it, and one taken away takes its passports along", async () => {
  const { app, seller, buyer, agent } = await world();
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

test("a mission that is started twice with one key is the same one", async () => {
  const { buyer, agent } = await world();
  const errand = { agent_id: agent.id, idempotency_key: "errand" };
  type Started = { mission_id: string; passport: Issued };
  const [first, second] = [
    await buyer.ok<Started>("stack_start_mission", errand),
    await buyer.ok<Started>("stack_start_mission", errand),
  ];
  expect(second).toMatchObject({
    mission_id: first.mission_id,
    passport: { jti: first.passport.jti },
  });
  await buyer.ok("stack_renew_mission", { mission_id: first.mission_id });
  await buyer.ok("stack_checkout", { jti: first.passport.jti });
  expect(await buyer.ok("stack_get_mission", { mission_id: first.mission_id })).toMatchObject({
    status: "completed",
  });
});

test("what an agent says at a checkout is erased when the host's time for it is over, or when asked", async () => {
  let now = Date.now();
  const home = makeHome();
  writeFileSync(join(home, "config.json"), JSON.stringify({ retention_days: 30 }));
  const { app, buyer } = await world({ home, clock: clockAt(() => now) });
  const summaries = async () =>
    (await buyer.ok<{ items: { summary?: string }[] }>("stack_list_checkouts")).items.map(
      ({ summary }) => summary,
    );
  for (const summary of ["first", "second"]) {
    const agent = await registerAgent(buyer, `${summary}-agent`);
    const { jti } = await issue(buyer, agent.id);
    await buyer.ok("stack_checkout", { jti, summary });
    if (summary === "first") now += 20 * 86_400_000;
  }
  now += 11 * 86_400_000;
  await app.services.erasure.eraseOld();
  expect(await summaries()).toEqual(["second", undefined]);
  await app.services.erasure.erase({ operator: "somebody-else" }).catch(() => {});
  await app.services.erasure.erase({ operator: buyer.id });
  expect(await summaries()).toEqual([undefined, undefined]);
  const { entries } = await buyer.ok<{ entries: { action: string; details: object }[] }>(
    "stack_query_audit",
  );
  expect(
    entries.filter(({ action }) => action === "content.erase").map(({ details }) => details),
  ).toEqual([
    { checkout_id: expect.stringMatching(/^chk_/) },
    { checkout_id: expect.stringMatching(/^chk_/) },
  ]);
});
