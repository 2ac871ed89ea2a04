import { expect, test } from "vitest";
import { systemClock } from "../../../src/shared/clock.ts";
import { carrying, issue, registerAgent } from "../../helpers/agents.ts";
import { openTestApp, type TestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

const SUSPENDED = {
  code: "FORBIDDEN",
  message: expect.stringContaining("suspended by this server's host"),
};

interface Id {
  readonly id: string;
}

async function sound({ app }: TestApp) {
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
  expect(
    (await app.services.audit.verify()).filter(({ problem }) => problem !== undefined),
  ).toEqual([]);
}

/** An operator that sells, buys, has an agent with a passport, a service and a request. */
async function busyOperator(clock = systemClock) {
  const world = await openTestApp({ clock });
  const [acme, other] = [await world.enter("acme"), await world.enter("other")];
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

test("a suspended operator does nothing by any key or passport, and its skills are off the market until it is resumed", async () => {
  const world = await busyOperator();
  const { app, acme, other, passport, token, jti, skillId } = world;
  const admin = app.services.operatorAdmin;
  await acme.ok("stack_unlist_skill", {
    skill_id: (await acme.ok<Id>("stack_publish_skill", openSkill())).id,
  });
  expect(await admin.suspend("acme")).toMatchObject({ status: "suspended", skills: 0 });
  expect(await acme.refused("stack_get_balance")).toMatchObject(SUSPENDED);
  expect(await passport.refused("stack_browse_skills")).toMatchObject(SUSPENDED);
  await expect(app.services.passports.verify(token, undefined)).rejects.toMatchObject(SUSPENDED);
  const [, claims = ""] = (await app.services.revocations.signedList()).split(".");
  expect(Buffer.from(claims, "base64url").toString()).toContain(jti);
  expect((await other.refused("stack_invoke_skill", { skill_id: skillId, input: {} })).code).toBe(
    "SKILL_NOT_FOUND",
  );
  expect(await other.ok("stack_browse_skills", { search: "speak" })).toMatchObject({ items: [] });
  await admin.suspend("acme");
  expect(await admin.resume("acme")).toMatchObject({ status: "active", skills: 3 });
  const mine = await acme.ok<{ items: { name: string; status: string }[] }>("stack_list_my_skills");
  expect(mine.items.map(({ status }) => status).sort()).toEqual(["active", "active", "unlisted"]);
  expect(await other.ok("stack_browse_skills", { search: "speak" })).toMatchObject({
    items: [{ name: "speak" }],
  });
  await expect(admin.suspend("local")).rejects.toMatchObject({ code: "INVALID_REQUEST" });
  await expect(admin.show("nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await sound(world);
});

test("a renamed operator is found by its new name alone, and a name that is taken or alike is refused", async () => {
  const { app, acme, other, skillId } = await busyOperator();
  const admin = app.services.operatorAdmin;
  await expect(admin.rename("acme", "other")).rejects.toThrow("exists");
  await expect(admin.rename("acme", "0ther")).rejects.toThrow("looks like other");
  await expect(admin.rename("acme", "A B")).rejects.toThrow("2 to 64");
  expect(await admin.rename("acme", "acme-labs")).toMatchObject({
    operator_id: acme.id,
    name: "acme-labs",
  });
  expect(await other.ok("stack_get_skill", { skill_id: "acme-labs/speak" })).toMatchObject({
    id: skillId,
    publisher: "acme-labs",
  });
  expect((await other.refused("stack_get_skill", { skill_id: "acme/speak" })).code).toBe(
    "SKILL_NOT_FOUND",
  );
  const found = await other.ok<{ items: object[] }>("stack_browse_skills", { search: "labs" });
  expect(found.items).toHaveLength(2);
});

test("a plan that the host gives holds at once and has no end", async () => {
  const { app, acme } = await busyOperator();
  expect(await app.services.operatorAdmin.givePlan("acme", "studio")).toMatchObject({
    plan: "studio",
  });
  expect(JSON.stringify(await acme.ok("stack_get_balance"))).toContain('"studio"');
  await app.services.plans.renewDue();
  const shown = await app.services.operatorAdmin.show("acme");
  expect(shown).toMatchObject({
    plan: "studio",
    keys: 1,
    agents: 1,
    passports: 1,
    bought: 1,
    sold: 2,
    open: 0,
  });
  expect(shown).not.toHaveProperty("plan_until");
});

async function exported({ app }: TestApp, name: string): Promise<string> {
  let text = "";
  for await (const piece of app.services.operatorExport.export(name)) text += piece;
  return text;
}

test("an export has everything of one operator in clear, no secret, and nothing of others", async () => {
  const world = await busyOperator();
  const { other } = world;
  await other.ok("stack_register_agent", {
    name: "others-canary",
    accountability_mode: "standard",
  });
  const text = await exported(world, "acme");
  const data = JSON.parse(text) as Record<string, Record<string, unknown>[]>;
  for (const canary of ["code", "desc", "input", "agent", "agent-desc", "intent", "request"])
    expect(text).toContain(`${canary}-canary`);
  for (const hidden of ["others-canary", "secret-canary", '"mac"'])
    expect(text).not.toContain(hidden);
  expect(data.operators).toMatchObject([{ name: "acme" }]);
  expect(data.skills).toHaveLength(2);
  expect(data.invocations).toMatchObject([
    { input: '{"text":"input-canary"}', output: '{"text":"input-canary"}' },
  ]);
  expect(data.skill_versions?.[0]).toMatchObject({ steps: [{ type: "script" }] });
  expect(data.audit_log?.length).toBeGreaterThan(5);
});

test("a deleted operator leaves amounts and its chain, and nothing that tells who it was or what it wrote", async () => {
  const world = await busyOperator();
  const { app, acme, other, passport, skillId } = world;
  const removal = app.services.operatorRemoval;
  const open = await other.ok<Id>("stack_publish_skill", openSkill({ price_per_invocation: 10 }));
  const waiting = await acme.ok<Id>("stack_invoke_skill", {
    skill_id: open.id,
    input: {},
    wait_ms: 0,
  });
  await expect(removal.delete("acme", true)).rejects.toThrow(
    "1 run that it bought or sold is not over yet",
  );
  expect(await app.services.operatorAdmin.show("acme")).toMatchObject({ status: "active" });
  await other.ok("stack_fail_invocation", { invocation_id: waiting.id });
  await expect(removal.delete("acme", false)).rejects.toThrow(
    /has \d+ cents in its wallet and \d+ cents of earnings/,
  );
  const before = await app.services.operatorAdmin.show("acme");
  expect(await removal.delete("acme", true)).toEqual({ operator_id: acme.id, erased: 2 });
  expect(await removal.delete(acme.id, true)).toEqual({ operator_id: acme.id, erased: 0 });
  const after = await app.services.operatorAdmin.show(acme.id);
  expect(after).toMatchObject({
    status: "deleted",
    keys: 0,
    agents: 0,
    passports: 0,
    skills: 0,
    connections: 0,
  });
  expect(after).toMatchObject({
    balance_cents: before.balance_cents,
    earnings_cents: before.earnings_cents,
  });
  expect(after.name).toMatch(/^deleted-[0-9a-z]{8}$/);
  expect((await acme.refused("stack_get_balance")).code).toBe("INVALID_API_KEY");
  expect((await passport.refused("stack_browse_skills")).code).toBe("PASSPORT_REVOKED");
  expect((await other.refused("stack_get_skill", { skill_id: skillId })).code).toBe(
    "SKILL_NOT_FOUND",
  );
  const { audit_log: chain, ...rest } = JSON.parse(await exported(world, acme.id)) as Record<
    string,
    object[]
  >;
  expect(chain?.at(-1)).toMatchObject({ operator_id: acme.id });
  const left = JSON.stringify(rest);
  for (const gone of ["canary", "acme"]) expect(left).not.toContain(gone);
  await expect(app.services.operatorAdmin.resume(acme.id)).rejects.toThrow("was deleted");
  await expect(app.services.operators.fund(acme.id, 500)).rejects.toThrow("was deleted");
  await expect(app.services.keys.create({ operator: acme.id, name: "x" })).rejects.toThrow(
    "was deleted",
  );
  const kept = await other.ok<{ items: object[] }>("stack_list_my_invocations");
  expect(JSON.stringify(kept)).not.toContain("erased_at");
  const reborn = await world.enter("acme");
  expect(reborn.id).not.toBe(acme.id);
  await sound(world);
});

test("a call that was let in before a suspension does nothing after it", async () => {
  const { app, acme, other } = await busyOperator();
  const { id } = await other.ok<Id>("stack_publish_skill", openSkill());
  const mine = await acme.ok<{ items: Id[] }>("stack_list_my_skills");
  const caller = await app.services.authentication.authenticate(acme.credential);
  await app.services.operatorAdmin.suspend("acme");
  const signal = new AbortController().signal;
  const order = { skill_id: id, input: {}, wait_ms: 0 };
  const late = app.services.invocations.invoke(caller, order, { signal, isGivenUp: () => false });
  await expect(late).rejects.toMatchObject(SUSPENDED);
  await expect(app.services.status.activate(caller, mine.items[0]?.id ?? "")).rejects.toMatchObject(
    SUSPENDED,
  );
  const change = { description: "Says it louder." };
  await expect(
    app.services.publishing.update(caller, mine.items[0]?.id ?? "", change),
  ).rejects.toMatchObject(SUSPENDED);
});

test("neither the examples nor the month's bill nor a payout reach past a suspension", async () => {
  let now = Date.UTC(2026, 4, 10);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const { services } = world.app;
  await services.seed.seed();
  await services.operatorAdmin.suspend("text-works");
  await services.seed.seed();
  expect(await services.operatorAdmin.show("text-works")).toMatchObject({
    status: "suspended",
    skills: 0,
  });
  await services.seed.remove();
  expect(await services.operatorAdmin.resume("text-works")).toMatchObject({
    status: "active",
    skills: 0,
  });
  const seller = await world.enter("seller", { fundCents: 100_000 });
  const buyer = await world.enter("buyer", { fundCents: 10_000 });
  const { id } = await seller.ok<Id>(
    "stack_publish_skill",
    openSkill({ price_per_invocation: 5_000 }),
  );
  const run = await buyer.ok<Id>("stack_invoke_skill", { skill_id: id, input: {}, wait_ms: 0 });
  await seller.ok("stack_claim_invocation", { invocation_id: run.id });
  await seller.ok("stack_complete_invocation", { invocation_id: run.id, output: { text: "x" } });
  await seller.ok("stack_subscribe", { plan: "developer" });
  const { balance_cents: before } = await services.operatorAdmin.suspend("seller");
  now += 40 * 86_400_000;
  await services.plans.renewDue();
  expect(await services.operatorAdmin.show("seller")).toMatchObject({ balance_cents: before });
  expect(await services.payouts.run(undefined)).toMatchObject({ payouts: [], withheld: 1 });
  await sound(world);
});

test("erasure takes what records that are over say, and leaves those in use", async () => {
  let now = Date.now();
  const world = await busyOperator(clockAt(() => now));
  const { app, acme } = world;
  const gone = await registerAgent(acme, "gone-canary");
  await issue(acme, gone.id, { intent: { summary: "over-canary", services: [] } });
  await acme.ok("stack_delete_agent", { agent_id: gone.id });
  const lapsed = await registerAgent(acme, "still-canary");
  await issue(acme, lapsed.id, {
    ttl_seconds: 60,
    intent: { summary: "renewed-canary", services: [] },
  });
  now += 3_600_000;
  const closed = await acme.ok<Id>("stack_post_skill_request", {
    description: "Somebody for the closed-canary",
  });
  await acme.ok("stack_update_skill_request", { request_id: closed.id, status: "closed" });
  await app.services.erasure.erase({ operator: "acme" });
  const { audit_log: chain, ...rest } = JSON.parse(await exported(world, "acme")) as Record<
    string,
    object[]
  >;
  const left = JSON.stringify(rest);
  for (const over of ["gone", "over", "closed", "input"])
    expect(left).not.toContain(`${over}-canary`);
  // A passport that has lapsed can be refreshed for a day.
  for (const used of ["intent", "renewed", "agent", "request", "desc"])
    expect(left).toContain(`${used}-canary`);
  expect(JSON.stringify(chain)).toContain("content.erase");
  const blank = { request_id: closed.id, status: "open" };
  expect((await acme.refused("stack_update_skill_request", blank)).message).toContain(
    "text was erased",
  );
  await sound(world);
});
