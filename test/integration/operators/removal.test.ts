import { expect, test } from "vitest";
import { issue, registerAgent } from "../../helpers/agents.ts";
import type { TestApp } from "../../helpers/app.ts";
import { busyOperator, type Id } from "../../helpers/busy-operator.ts";
import { clockAt } from "../../helpers/clock.ts";
import { openSkill } from "../../helpers/skills.ts";
import { expectSoundBooks } from "../../helpers/wallet.ts";

/** All of an operator's export, as one text. */
async function exported({ app }: TestApp, name: string): Promise<string> {
  let text = "";
  for await (const piece of app.services.operatorExport.export(name)) text += piece;
  return text;
}

test("exports all of one operator in clear, no secret, and nothing of others", async () => {
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

test("leaves of a deleted operator its amounts and its chain, without any content", async () => {
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
  const reborn = await world.createOperator("acme");
  expect(reborn.id).not.toBe(acme.id);
  await expectSoundBooks(world);
});

test("erases the content of records that are over, and leaves those in use", async () => {
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
  await expectSoundBooks(world);
});
