import { expect, test } from "vitest";
import { carrying, type Issued, issue, registerAgent } from "../../helpers/agents.ts";
import { passportWorld } from "../../helpers/passport-world.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

test("says whose total a purchase would exceed, and what would let it pass", async () => {
  const { app, seller, buyer, agent } = await passportWorld();
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

test("applies a mandate to skills, publishers, calls and totals, in quotes too", async () => {
  const { app, seller, buyer, agent } = await passportWorld();
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

test("frees under a mandate what was not charged", async () => {
  const { app, seller, buyer, agent } = await passportWorld();
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

test("counts under a mandate no reserve that was not used", async () => {
  const { app, seller, buyer, agent } = await passportWorld();
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

test("keeps a purchase above the threshold waiting until its operator decides", async () => {
  const { app, seller, buyer, agent } = await passportWorld();
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
    note: expect.stringContaining(`\`stack-mcp approval approve ${first.id}\` approves it`),
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
