import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { openSkill, sealedScript } from "../../../helpers/skills.ts";

async function seller() {
  const { createOperator } = await openTestApp({ start: false });
  return createOperator("seller");
}

test.each<[string, Record<string, unknown>, RegExp]>([
  ["an unknown field", { colour: "red" }, /colour is not a known field/],
  [
    "steps as text that nest without end",
    {
      execution_steps: `[{"type":"script","dependencies":${"[".repeat(20_000)}${"]".repeat(20_000)}}]`,
    },
    /nests deeper/,
  ],
  [
    "dependencies that are no texts",
    {
      execution_steps: [
        { type: "script", runtime: "python", code: "x", dependencies: [{ toString: 1 }] },
      ],
    },
    /not valid|dependencies/,
  ],
  ["a name that is no slug", { name: "Not A Slug" }, /name must be a slug/],
  ["a version that is none", { version: "1.0" }, /version must be a semantic version/],
  ["a negative price", { price_per_invocation: -1 }, /price_per_invocation/],
  ["a fraction of a cent", { price_per_invocation: 1.5 }, /price_per_invocation/],
  ["two prices that differ", { price_cents: 1, price_per_invocation: 2 }, /must not differ/],
  ["an unknown trust level", { trust_level_required: "L9" }, /trust_level_required/],
  ["eleven tags", { tags: Array.from({ length: 11 }, (_, i) => `t${i}`) }, /tags/],
  [
    "another runtime",
    { execution_steps: [{ type: "script", runtime: "ruby", code: "return 1" }] },
    /runtime must be "javascript" or "python"/,
  ],
  [
    "a Python package that is not to be had",
    {
      execution_steps: [
        { type: "script", runtime: "python", code: "return 1", dependencies: "json\nrequests>=2" },
      ],
    },
    /dependencies names modules that are not available here: requests\. Python comes with abc, .*zoneinfo/,
  ],
  [
    "a cost for calls of a free skill",
    {
      price_per_invocation: 0,
      credential_mode: "seller_provides",
      required_credentials: [{ provider: "slack", cost_cents_per_call: 1 }],
    },
    /cost_cents_per_call needs a price_per_invocation/,
  ],
  ["a mode that is none", { execution_mode: "closed" }, /must be "open", "sealed" or "source"/],
  [
    "credentials without a mode",
    { required_credentials: [{ provider: "slack" }] },
    /need a credential_mode/,
  ],
  [
    "both sides and no side",
    { credential_mode: "both", required_credentials: [{ provider: "slack" }] },
    /provided_by must be buyer or seller/,
  ],
  [
    "a host that is an address",
    { egress: { hosts: ["10.0.0.1"] } },
    /egress\.hosts\.0 must be a host name/,
  ],
  ["a host with a path", { egress: { hosts: ["example.com/x"] } }, /egress\.hosts\.0/],
  [
    "steps and flat fields",
    { llm_model: "gpt-4o" },
    /execution_steps and llm_model exclude each other/,
  ],
  [
    "flat fields with packages",
    { execution_steps: undefined, execution_script: "return {};", dependencies: "lodash" },
    /dependencies must be empty/,
  ],
  [
    "flat Python with packages that are not to be had",
    {
      execution_steps: undefined,
      execution_script: "return {}",
      execution_runtime: "python",
      dependencies: "numpy==2.1  # fast\nstatistics",
    },
    /dependencies names modules that are not available here: numpy\./,
  ],
  [
    "code in both spellings",
    {
      execution_steps: [
        { type: "script", runtime: "javascript", code: "return 1", script: "return 2" },
      ],
    },
    /code and script are the same/,
  ],
  [
    "an input that is no object",
    { input_schema: { type: "string" } },
    /input_schema must accept an object/,
  ],
  ["no steps", { execution_steps: undefined }, /needs 1 to 10 execution_steps/],
  [
    "eleven steps",
    {
      execution_steps: Array(11).fill({ type: "script", runtime: "javascript", code: "return 1" }),
    },
    /execution_steps/,
  ],
  [
    "oversized code",
    { execution_steps: [{ type: "script", runtime: "javascript", code: "x".repeat(100_001) }] },
    /execution_steps\.0\.code/,
  ],
  [
    "a model without provider",
    { execution_steps: [{ type: "llm", model: "gpt-4o" }] },
    /must be provider\/model/,
  ],
  [
    "an unknown field in a step",
    { execution_steps: [{ type: "script", runtime: "javascript", code: "1", shell: true }] },
    /execution_steps\.0\.shell is not a known field/,
  ],
])("rejects publishing with %s, naming the field and the rule", async (_, change, reason) => {
  const refused = await (await seller()).refused(
    "stack_publish_skill",
    sealedScript("return 1;", change),
  );
  expect(refused.code).toBe("INVALID_REQUEST");
  expect(refused.message).toMatch(reason);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    "a remote $ref",
    { input_schema: { $ref: "https://example.com/x" } },
    /input_schema is not accepted: .*outside/,
  ],
  [
    "a catastrophic pattern with lookahead",
    { output_schema: { pattern: "(?=(a+)+)b" } },
    /output_schema .*lookaround/,
  ],
  ["a schema that is none", { input_schema: { type: "nothing" } }, /input_schema/],
])("rejects a schema with %s", async (_, change, reason) => {
  const refused = await (await seller()).refused(
    "stack_publish_skill",
    sealedScript("return 1;", change),
  );
  expect(refused.code).toBe("SCHEMA_UNSUPPORTED");
  expect(refused.message).toMatch(reason);
});

test("bounds all code together", async () => {
  const step = { type: "script", runtime: "javascript", code: "x".repeat(100_000) };
  const refused = await (await seller()).refused(
    "stack_publish_skill",
    sealedScript("", { execution_steps: Array(6).fill(step) }),
  );
  expect(refused.message).toMatch(/600000 characters; at most 500000/);
});

test("rejects steps in an open skill", async () => {
  const steps = [{ type: "script", runtime: "javascript", code: "return 1" }];
  const refused = await (await seller()).refused(
    "stack_publish_skill",
    openSkill({ execution_steps: steps }),
  );
  expect(refused.message).toMatch(/Set execution_mode to "sealed"/);
});
