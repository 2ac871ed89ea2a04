import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { carrying, type Issued, issue, registerAgent } from "../../helpers/agents.ts";
import { clockAt } from "../../helpers/clock.ts";
import { makeHome } from "../../helpers/home.ts";
import { passportWorld } from "../../helpers/passport-world.ts";

test("requires an intent of an enforced agent, and checkpoints to live on", async () => {
  let now = Date.now();
  const { app, buyer } = await passportWorld({ clock: clockAt(() => now) });
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

test("extends no passport by checkpoints past the time that it was issued for", async () => {
  let now = Date.now();
  const { app, buyer } = await passportWorld({ clock: clockAt(() => now) });
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

test("erases checkout summaries when the host's retention is over, or when asked", async () => {
  let now = Date.now();
  const home = makeHome();
  writeFileSync(join(home, "config.json"), JSON.stringify({ retention_days: 30 }));
  const { app, buyer } = await passportWorld({ home, clock: clockAt(() => now) });
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
