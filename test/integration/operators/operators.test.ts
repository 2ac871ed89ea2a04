import { expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { busyOperator, type Id } from "../../helpers/busy-operator.ts";
import { clockAt } from "../../helpers/clock.ts";
import { openSkill } from "../../helpers/skills.ts";
import { expectSoundBooks } from "../../helpers/wallet.ts";

const SUSPENDED = {
  code: "FORBIDDEN",
  message: expect.stringContaining("suspended by this server's host"),
};

test("stops a suspended operator's keys, passports and skills until it is resumed", async () => {
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
  await expectSoundBooks(world);
});

test("renames an operator, and rejects a name that is taken or looks alike", async () => {
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

test("gives a plan of the host's at once and without end", async () => {
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

test("rejects after a suspension the call that was let in before it", async () => {
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

test("skips suspended operators in examples, bills and payouts", async () => {
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
  const seller = await world.createOperator("seller", { fundCents: 100_000 });
  const buyer = await world.createOperator("buyer", { fundCents: 10_000 });
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
  await expectSoundBooks(world);
});
