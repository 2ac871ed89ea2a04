import { expect, test } from "vitest";
import { carrying, type Issued, issue } from "../../helpers/agents.ts";
import { clockAt } from "../../helpers/clock.ts";
import { passportWorld } from "../../helpers/passport-world.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

test("buys for the passport's operator, shows its own session, and reaches no more", async () => {
  const { app, seller, buyer, agent } = await passportWorld();
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

test("refreshes a passport with its spending, for its operator, for a day after it", async () => {
  let now = Date.now();
  const { app, seller, buyer, agent } = await passportWorld({ clock: clockAt(() => now) });
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

test("starts one mission for one key", async () => {
  const { buyer, agent } = await passportWorld();
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
