import { expect, test } from "vitest";
import { EXTRACT_INVOICE_TOTALS } from "../../../../src/faces/cli/demo/skills.ts";
import { openTestApp } from "../../../helpers/app.ts";
import { type Shown, sealedScript } from "../../../helpers/skills.ts";

test("keeps the seller's limits, egress and both sides' credentials, in cents", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("return {};", {
      credential_mode: "both",
      required_credentials: [
        { provider: "slack", scopes: ["chat:write"], provided_by: "buyer" },
        { provider: "maps", provided_by: "seller", cost_cents_per_call: 3 },
      ],
      seller_credential_limit: { max_calls: 4, max_cost_credits: 20 },
      egress: { hosts: ["api.example.com", "*.example.org"] },
      accepts_requests: false,
    }),
  );
  expect(await buyer.ok("stack_get_skill", { skill_id: skill.id })).toMatchObject({
    required_credentials: [
      { provider: "slack" },
      { provider: "maps", scopes: [], cost_cents_per_call: 3 },
    ],
    seller_credential_limit: { max_calls: 4, max_cost_cents: 20 },
    egress: { hosts: ["api.example.com", "*.example.org"] },
    accepts_requests: false,
  });
});

test("shows a source skill's steps to all, and runs it like a sealed one", async () => {
  const { createOperator } = await openTestApp();
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const draft = sealedScript("return { n: $INPUT.n + 1 };", { execution_mode: "source" });
  const skill = await seller.ok<Shown>("stack_publish_skill", draft);
  const seen = await buyer.ok("stack_get_skill", { skill_id: skill.id });
  expect(seen.execution_steps).toEqual([
    { type: "script", runtime: "javascript", code: "return { n: $INPUT.n + 1 };" },
  ]);
  const run = await buyer.ok("stack_invoke_skill", {
    skill_id: skill.id,
    input: { n: 1 },
    wait_ms: 20_000,
  });
  expect(run).toMatchObject({ status: "completed", output: { n: 2 }, cost_cents: 25 });
});

test("shows steps that are too long to read one by one", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const seller = await createOperator("seller");
  const code = `return {}; // ${"x".repeat(50_000)}`;
  const skill = await seller.ok<Shown>("stack_publish_skill", sealedScript(code));
  expect(skill.execution_steps).toEqual([
    { type: "script", runtime: "javascript", code_chars: code.length },
  ]);
  const whole = await seller.ok("stack_get_skill", { skill_id: skill.id, step: 1 });
  expect(whole.execution_steps).toEqual([{ type: "script", runtime: "javascript", code }]);
});

test("publishes the guide's skill as printed, with its steps for its publisher only", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [operator, stranger] = [await createOperator("seller"), await createOperator("stranger")];
  const skill = await operator.ok<{ id: string }>("stack_publish_skill", EXTRACT_INVOICE_TOTALS);
  const shown = await operator.ok("stack_get_skill", { skill_id: skill.id });
  expect(shown).toMatchObject({
    name: "extract-invoice-totals",
    price_per_invocation: 25,
    average_rating: null,
  });
  expect(shown.execution_steps).toMatchObject([
    { type: "llm", user_message: "$INPUT.text" },
    { type: "script" },
  ]);
  const others = await stranger.ok("stack_get_skill", { skill_id: skill.id });
  expect(JSON.stringify(others)).not.toMatch(/compact JSON|JSON\.parse|execution_steps/);
});
