import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { sealedScript } from "../../../helpers/skills.ts";

test.each<[string, Record<string, unknown>, RegExp | undefined]>([
  [
    "a model's text alone cannot fit an object",
    { output_schema: { type: "object" } },
    /last step.*json: true/,
  ],
  ["a model's text fits a text", { output_schema: { type: "string" } }, undefined],
  ["a model's JSON fits an object", { json: true }, undefined],
  [
    "a schema without a word of JSON Schema takes anything",
    { output_schema: { total: "number" } },
    /output_schema: none/,
  ],
])("warns the publisher where this is not meant: %s", async (_, { json, ...more }, warning) => {
  const { createOperator } = await openTestApp();
  const author = await createOperator("author");
  const step = {
    type: "llm",
    model: "openai/gpt-4o-mini",
    user_message: "$INPUT.text",
    ...(json ? { json } : {}),
  };
  const draft = sealedScript("", {
    output_schema: { type: "object" },
    ...more,
    execution_steps: [step],
  });
  type Warned = { id: string; warnings?: string[] };
  const published = await author.ok<Warned>("stack_publish_skill", draft);
  const tested = await author.ok<Warned>("stack_test_skill", {
    ...draft,
    input: { text: "Total: 5" },
  });
  const updated = await author.ok<Warned>("stack_update_skill", {
    skill_id: published.id,
    tags: ["x"],
  });
  for (const { warnings } of [published, tested, updated]) {
    if (warning) expect(warnings?.join(" ")).toMatch(warning);
    else expect(warnings).toBeUndefined();
  }
});

test("rejects an input without what a prompt refers to, before any hold", async () => {
  const { createOperator } = await openTestApp();
  const [author, buyer] = [await createOperator("author"), await createOperator("buyer")];
  const step = (user_message: string) => ({
    type: "llm",
    model: "openai/gpt-4o-mini",
    user_message,
    json: true,
  });
  const input_schema = { type: "object", properties: { items: { type: "array" } } };
  const draft = sealedScript("", {
    input_schema,
    execution_steps: [step("$INPUT.items[0].x: y"), step("$INPUT.hidden")],
  });
  const { id: skill_id } = await author.ok<{ id: string }>("stack_publish_skill", draft);
  const ask = async (input: object) => {
    const refused = await buyer.refused("stack_invoke_skill", { skill_id, input });
    const { obstacles } = await buyer.ok<{ obstacles: { code: string }[] }>("stack_quote_skill", {
      skill_id,
      input,
    });
    expect(obstacles[0]).toMatchObject({ code: refused.code, message: refused.message });
    return refused;
  };
  expect(await ask({ items: [] })).toMatchObject({
    code: "INPUT_INVALID",
    details: { field: "input.items" },
  });
  const hidden = await ask({ items: [{ x: "a" }] });
  // What a prompt says is its publisher's.
  expect(JSON.stringify(hidden)).not.toContain("hidden");
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
  const run = await buyer.ok("stack_invoke_skill", {
    skill_id,
    input: { items: [{ x: "a" }], hidden: "Total: 5" },
    wait_ms: 20_000,
  });
  expect(run).toMatchObject({ status: "completed", output: { total: 5 } });
  const tried = { ...draft, input: { items: [] } };
  expect(await author.ok("stack_test_skill", tried)).toMatchObject({
    ok: false,
    error: { code: "llm_error", step: 1, reason: expect.stringContaining("$INPUT.items[0].x") },
  });
});
