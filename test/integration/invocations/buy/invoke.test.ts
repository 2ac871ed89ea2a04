import { expect, test } from "vitest";
import { type Invocation, openMarket } from "../../../helpers/market.ts";
import { openSkill, sealedScript } from "../../../helpers/skills.ts";

test("charges fifty parallel calls with one key once, as one invocation", async () => {
  const { publish, buyer, seller, sound } = await openMarket({ env: { STACK_SANDBOX_SLOTS: "2" } });
  const skill_id = await publish(sealedScript("return { ok: true };"));
  const order = { skill_id, input: {}, idempotency_key: "once", wait_ms: 20_000 };
  const all = await Promise.all(
    Array.from({ length: 50 }, () => buyer.ok<Invocation>("stack_invoke_skill", order)),
  );
  expect(new Set(all.map((one) => one.id)).size).toBe(1);
  expect(new Set(all.map((one) => one.status))).toEqual(new Set(["completed"]));
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ balance_cents: 974 });
  expect(await seller.ok("stack_get_balance")).toMatchObject({ earnings_cents: 17 });
  await sound();
});

test("rejects a key with another input, and replays it with another wait_ms", async () => {
  const { publish, buyer, invoke } = await openMarket();
  const skill_id = await publish(sealedScript("return $INPUT;"));
  const first = await invoke(skill_id, { n: 1 }, { idempotency_key: "k" });
  expect(await invoke(skill_id, { n: 1 }, { idempotency_key: "k", wait_ms: 0 })).toMatchObject({
    id: first.id,
  });
  const conflict = await buyer.refused("stack_invoke_skill", {
    skill_id,
    input: { n: 2 },
    idempotency_key: "k",
  });
  expect(conflict.code).toBe("IDEMPOTENCY_CONFLICT");
});

test("forgets a refusal: the same key works once the cause is mended", async () => {
  const { publish, app, createOperator } = await openMarket();
  const poor = await createOperator("poor", { fundCents: 0 });
  const skill_id = await publish(sealedScript("return {};"));
  const order = { skill_id, input: {}, idempotency_key: "k", wait_ms: 20_000 };
  const refused = await poor.refused("stack_invoke_skill", order);
  expect(refused).toMatchObject({
    code: "INSUFFICIENT_CREDITS",
    details: { required_cents: 26, balance_cents: 0 },
  });
  expect(refused.message).toContain(`stack-mcp operator fund ${poor.id}`);
  await app.services.operators.fund("poor", 26);
  expect(await poor.ok("stack_invoke_skill", order)).toMatchObject({
    status: "completed",
    charged_cents: 26,
  });
});

test("counts holds, so that parallel calls do not spend a wallet twice", async () => {
  const { publish, createOperator, sound } = await openMarket();
  const skill_id = await publish(openSkill({ price_per_invocation: 100 }));
  const buyer = await createOperator("small", { fundCents: 350 });
  const all = await Promise.all(
    Array.from({ length: 10 }, () =>
      buyer.call("stack_invoke_skill", { skill_id, input: {}, repeat: true, wait_ms: 0 }),
    ),
  );
  expect(all.filter((outcome) => outcome.ok)).toHaveLength(3);
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ balance_cents: 50, held_cents: 300 });
  await sound();
});

test("charges nothing for a free skill, whose compute the platform pays", async () => {
  const { publish, createOperator, sound, app } = await openMarket();
  const poor = await createOperator("poor", { fundCents: 0 });
  const skill_id = await publish(sealedScript("return {};", { price_per_invocation: 0 }));
  const done = await poor.ok("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000 });
  expect(done).toMatchObject({ status: "completed", charged_cents: 0 });
  expect(app.store.instance.stamp).toBe("play");
  await sound();
});

test("charges an operator for its own skill, and leaves the run out of the counts", async () => {
  const { publish, seller } = await openMarket();
  const skill_id = await publish(sealedScript("return {};"));
  const done = await seller.ok("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000 });
  expect(done).toMatchObject({ status: "completed", charged_cents: 26, earned_cents: 17 });
  expect(await seller.ok("stack_get_skill", { skill_id })).toMatchObject({ invocation_count: 0 });
});

test("rejects too many waiting invocations of one buyer before any hold", async () => {
  const { publish, createOperator } = await openMarket();
  const skill_id = await publish(openSkill({ price_per_invocation: 1 }));
  const eager = await createOperator("eager");
  for (let i = 0; i < 100; i++)
    await eager.ok("stack_invoke_skill", { skill_id, input: { i }, wait_ms: 0 });
  expect(await eager.refused("stack_invoke_skill", { skill_id, input: {} })).toMatchObject({
    code: "RATE_LIMITED",
  });
  expect(await eager.ok("stack_get_balance")).toMatchObject({ held_cents: 100 });
});

test.each([
  ["another type", { n: "three" }, /"\/n".*must be number/],
  ["a missing field", {}, /required property 'n'/],
])("rejects an input with %s before any hold, naming its place", async (_, input, reason) => {
  const { publish, buyer } = await openMarket();
  const input_schema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
  const skill_id = await publish(sealedScript("return {};", { input_schema }));
  const refused = await buyer.refused("stack_invoke_skill", { skill_id, input });
  expect(refused.code).toBe("INPUT_INVALID");
  expect(JSON.stringify(refused.details)).toMatch(reason);
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ held_cents: 0 });
});

test("rejects an input that is too large or too deep", async () => {
  const { publish, buyer } = await openMarket();
  const skill_id = await publish(sealedScript("return {};"));
  const large = await buyer.refused("stack_invoke_skill", {
    skill_id,
    input: { x: "x".repeat(1_100_000) },
  });
  expect(large.code).toBe("PAYLOAD_TOO_LARGE");
  let deep: unknown = 1;
  for (let i = 0; i < 10_000; i++) deep = [deep];
  expect((await buyer.refused("stack_invoke_skill", { skill_id, input: { deep } })).code).toBe(
    "INVALID_REQUEST",
  );
});

test("takes whole cents as multiples of 0.01, in and out, and no parts of a cent", async () => {
  const { publish, invoke, buyer, sound } = await openMarket();
  const amount = {
    type: "object",
    properties: { amount: { type: "number", multipleOf: 0.01 } },
    required: ["amount"],
  };
  const schemas = { input_schema: amount, output_schema: amount };
  const same = await publish(sealedScript("return { amount: $INPUT.amount };", schemas));
  const halved = await publish(
    sealedScript("return { amount: $INPUT.amount / 2 };", { ...schemas, name: "halved" }),
  );
  for (const value of [19.99, 4.35, 1234567.89]) {
    const run = await invoke(same, { amount: value });
    expect(run).toMatchObject({
      status: "completed",
      output: { amount: value },
      charged_cents: 26,
    });
  }
  for (const skill_id of [same, halved]) {
    const refused = await buyer.refused("stack_invoke_skill", {
      skill_id,
      input: { amount: 19.995 },
    });
    expect(refused).toMatchObject({
      code: "INPUT_INVALID",
      details: { misfits: [{ rule: "multipleOf" }] },
    });
    const quote = await buyer.ok("stack_quote_skill", { skill_id, input: { amount: 19.995 } });
    expect(quote).toMatchObject({
      would_be_accepted: false,
      obstacles: [{ code: "INPUT_INVALID" }],
    });
  }
  const odd = await invoke(halved, { amount: 19.99 });
  expect(odd).toMatchObject({
    status: "failed",
    error: { code: "output_invalid" },
    charged_cents: 0,
  });
  await sound();
});
