import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { adminOf } from "../../../helpers/operator.ts";
import { openSkill, type Shown, sealedScript } from "../../../helpers/skills.ts";

test("runs the version that a pin names, by number or digest, whatever came later", async () => {
  const { createOperator } = await openTestApp();
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const old = await seller.ok<Shown>("stack_publish_skill", sealedScript("return { v: 1 };"));
  const steps = [{ type: "script", runtime: "javascript", code: "return { v: 2 };" }];
  await seller.ok("stack_update_skill", {
    skill_id: old.id,
    execution_steps: steps,
    price_per_invocation: 30,
  });
  const run = (pin: object) =>
    buyer.ok("stack_invoke_skill", { skill_id: old.id, input: {}, wait_ms: 20_000, ...pin });
  expect(await run({})).toMatchObject({ output: { v: 2 }, version: "1.0.1", cost_cents: 30 });
  expect(await run({ version: "1.0.0" })).toMatchObject({ output: { v: 1 }, cost_cents: 25 });
  expect(await run({ digest: old.digest })).toMatchObject({ output: { v: 1 }, digest: old.digest });
  for (const pin of [
    { version: "9.0.0" },
    { version: "1.0.1", digest: old.digest },
    { digest: "sha256:0" },
  ]) {
    const refused = await buyer.refused("stack_invoke_skill", {
      skill_id: old.id,
      input: {},
      ...pin,
    });
    expect(refused).toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("stack_list_skill_versions"),
    });
  }
});

test("rejects a pin of a version that review rejected or never looked at", async () => {
  const { app, createOperator } = await openTestApp();
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const admin = adminOf(app);
  const steps = (code: string) => ({
    execution_steps: [{ type: "script", runtime: "javascript", code }],
  });
  const draft = { ...sealedScript("", { review: "manual" }), ...steps("return { v: 'evil' };") };
  const { id: skill_id, digest } = await seller.ok<Shown>("stack_publish_skill", draft);
  await admin.ok("stack_reject_skill", { skill_id });
  await seller.ok("stack_update_skill", { skill_id, ...steps("return { v: 'good' };") });
  await seller.ok("stack_activate_skill", { skill_id });
  await admin.ok("stack_approve_skill", { skill_id });
  for (const pin of [{ version: "1.0.0" }, { digest }]) {
    expect((await buyer.refused("stack_quote_skill", { skill_id, ...pin })).code).toBe("NOT_FOUND");
    expect((await buyer.refused("stack_invoke_skill", { skill_id, input: {}, ...pin })).code).toBe(
      "NOT_FOUND",
    );
  }
  const run = await buyer.ok("stack_invoke_skill", {
    skill_id,
    input: {},
    version: "1.0.1",
    wait_ms: 20_000,
  });
  expect(run).toMatchObject({ status: "completed", output: { v: "good" } });
});

test("withdraws old versions from pins, and asks a pin for today's trust level", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const { id: skill_id } = await seller.ok<Shown>(
    "stack_publish_skill",
    openSkill({ price_per_invocation: 1 }),
  );
  await seller.ok("stack_update_skill", {
    skill_id,
    price_per_invocation: 500,
    trust_level_required: "L1",
  });
  const order = { skill_id, input: {}, version: "1.0.0", wait_ms: 0 };
  expect((await buyer.refused("stack_invoke_skill", order)).code).toBe("TRUST_LEVEL_INSUFFICIENT");
  const human = await createOperator("human", { claimTypes: ["verified_human"] });
  expect(await human.ok("stack_invoke_skill", order)).toMatchObject({ price_cents: 1 });
  await seller.ok("stack_update_skill", { skill_id, min_version: "1.0.1" });
  expect((await human.refused("stack_invoke_skill", order)).code).toBe("NOT_FOUND");
  expect(await seller.ok("stack_quote_skill", { skill_id, version: "1.0.0" })).toMatchObject({
    price_cents: 1,
  });
});
