import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { openMarket } from "../../../helpers/market.ts";
import { type Shown, sealedScript } from "../../../helpers/skills.ts";

test("quotes an invocation's hold and what is in its way, and charges nothing", async () => {
  const { createOperator } = await openTestApp();
  const [seller, buyer] = [
    await createOperator("seller"),
    await createOperator("buyer", { fundCents: 30 }),
  ];
  const draft = sealedScript("return $INPUT;", {
    input_schema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
    egress: { hosts: ["api.example.com"] },
  });
  const skill = await seller.ok<Shown>("stack_publish_skill", draft);
  const quote = await buyer.ok("stack_quote_skill", { skill_id: skill.id, input: { n: 1 } });
  expect(quote).toMatchObject({
    would_be_accepted: true,
    obstacles: [],
    price_cents: 25,
    reserve_cents: 1,
    hold_cents: 26,
    balance_cents: 30,
    trust: { allowed: true },
    input_checked: true,
    egress_hosts: ["api.example.com"],
    isolation: "process",
    model_providers: [],
  });
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ balance_cents: 30, held_cents: 0 });
  const run = await buyer.ok("stack_invoke_skill", {
    skill_id: skill.id,
    input: { n: 1 },
    wait_ms: 0,
  });
  expect(run).toMatchObject({ price_cents: 25, reserve_cents: 1, held_cents: 26 });
});

test("names every obstacle in a quote, the first of which an invocation meets", async () => {
  const { createOperator } = await openTestApp({ env: { STACK_LLM_FALLBACK: "" } });
  const [seller, buyer] = [
    await createOperator("seller"),
    await createOperator("buyer", { fundCents: 1 }),
  ];
  const skill = await seller.ok<Shown>("stack_publish_skill", {
    ...sealedScript("", { trust_level_required: "L2", credential_mode: "buyer_provides" }),
    required_credentials: [{ provider: "slack" }],
    input_schema: { type: "object", required: ["n"] },
    execution_steps: [{ type: "llm", model: "nobody/model" }],
  });
  const order = { skill_id: skill.id, input: { m: 1 } };
  const quote = await buyer.ok<{ obstacles: { code: string }[] }>("stack_quote_skill", {
    skill_id: skill.id,
    input: order.input,
  });
  expect(quote).toMatchObject({ would_be_accepted: false, model_providers: ["nobody"] });
  expect(JSON.stringify(quote)).not.toContain("nobody/model");
  expect(quote.obstacles.map(({ code }) => code)).toEqual([
    "TRUST_LEVEL_INSUFFICIENT",
    "INPUT_INVALID",
    "SERVICE_NOT_CONNECTED",
    "PROVIDER_NOT_CONFIGURED",
    "INSUFFICIENT_CREDITS",
  ]);
  expect((await buyer.refused("stack_invoke_skill", order)).code).toBe("TRUST_LEVEL_INSUFFICIENT");
  const trusted = await createOperator("trusted", { claimTypes: ["verified_identity"] });
  expect((await trusted.refused("stack_invoke_skill", { ...order, input: { n: 1 } })).code).toBe(
    "SERVICE_NOT_CONNECTED",
  );
});

test("stands in for any provider, and takes a buyer's key only for a known one", async () => {
  const { createOperator } = await openTestApp();
  const seller = await createOperator("seller");
  const step = { type: "llm", model: "nobody/model" };
  const any = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("", { execution_steps: [step], name: "any" }),
  );
  const quote = (skill_id: string) =>
    seller.ok<{ obstacles: object[] }>("stack_quote_skill", { skill_id, input: {} });
  expect(await quote(any.id)).toMatchObject({ would_be_accepted: true, stand_in: true });
  const mode = {
    credential_mode: "buyer_provides",
    required_credentials: [{ provider: "nobody" }],
  };
  const own = await seller.ok<Shown>("stack_publish_skill", {
    ...sealedScript("", { execution_steps: [step], name: "own" }),
    ...mode,
  });
  expect((await quote(own.id)).obstacles).toMatchObject([
    { code: "SERVICE_NOT_CONNECTED" },
    { code: "PROVIDER_NOT_CONFIGURED" },
  ]);
});

test("rejects what would exceed max_charge_cents before any hold", async () => {
  const { createOperator } = await openTestApp();
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<Shown>("stack_publish_skill", sealedScript("return {};"));
  const order = { skill_id: skill.id, input: {}, wait_ms: 20_000 };
  const refused = await buyer.refused("stack_invoke_skill", { ...order, max_charge_cents: 25 });
  expect(refused).toMatchObject({ code: "PRICE_ABOVE_LIMIT", details: { hold_cents: 26 } });
  expect(await buyer.ok("stack_invoke_skill", { ...order, max_charge_cents: 26 })).toMatchObject({
    status: "completed",
    charge_note: expect.stringMatching(
      /price of 25 cents and 1 for compute: \d+ micro-dollars metered/,
    ),
  });
});

test("tells a returning buyer what changed since its last result", async () => {
  const { seller, buyer, publish, invoke } = await openMarket();
  const skill = await publish(sealedScript("return { n: 1 };", { price_per_invocation: 5 }));
  const quote = () =>
    buyer.ok<Record<string, unknown>>("stack_quote_skill", { skill_id: skill, input: {} });
  expect(await quote()).not.toHaveProperty("since_last_purchase");
  expect(await invoke(skill)).not.toHaveProperty("since_last_purchase");
  await seller.ok("stack_update_skill", {
    skill_id: skill,
    description: "The same, in other words.",
  });
  await seller.ok("stack_update_skill", {
    skill_id: skill,
    refusals: { nothing: "There is nothing." },
  });
  expect(await quote()).not.toHaveProperty("since_last_purchase");
  const output_schema = { type: "object", properties: { n: { type: "integer" } } };
  await seller.ok("stack_update_skill", {
    skill_id: skill,
    price_per_invocation: 12,
    output_schema,
  });
  const since = {
    changed: ["price", "output_schema"],
    last_version: "1.0.0",
    last_price_cents: 5,
    last_bought_at: expect.stringMatching(/^\d{4}-/),
  };
  expect(await quote()).toMatchObject({ since_last_purchase: since, price_cents: 12 });
  const bought = await invoke(skill, {}, { repeat: true });
  expect(bought).toMatchObject({ status: "completed", since_last_purchase: since });
  expect(bought.note).toMatch(
    /^Changed since you last bought it \(1\.0\.0 on [-\d]+\): price, then 5 cents; output_schema\./,
  );
  expect(await invoke(skill, {}, { repeat: true })).not.toHaveProperty("since_last_purchase");
});
