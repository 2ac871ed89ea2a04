import { expect, test } from "vitest";
import { registerAgent } from "../../../helpers/agents.ts";
import { openTestApp } from "../../../helpers/app.ts";
import { makeHome } from "../../../helpers/home.ts";
import { withSnapshot } from "../../../helpers/sandbox.ts";
import { sealedScript } from "../../../helpers/skills.ts";

/**
 * The document of S1, as it is printed; its code, which ends in an ellipsis there, is made whole.
 */
const PDF_SUMMARIZER = {
  name: "pdf-summarizer",
  description: "Summarizes PDF documents using LLM",
  version: "1.0.0",
  input_schema: { type: "object", properties: { url: { type: "string" } }, required: ["url"] },
  output_schema: { type: "object", properties: { summary: { type: "string" } } },
  trust_level_required: "L1",
  tags: ["pdf", "summarization"],
  price_credits: 0,
  price_per_invocation: 10,
  agent_id: "agt_abc123",
  execution_mode: "sealed",
  credential_mode: "buyer_provides",
  required_credentials: [{ provider: "openai", scopes: ["chat"] }],
  execution_steps: [
    {
      type: "script",
      label: "fetch-pdf",
      runtime: "javascript",
      script: "const resp = await fetch(input.url); return resp.body;",
    },
    {
      type: "llm",
      label: "summarize",
      llm_provider: "openai",
      llm_model: "gpt-4o",
      llm_config: {
        temperature: 0.3,
        max_tokens: 2000,
        system_prompt: "Summarize the following document.",
      },
    },
  ],
};

test("publishes the older document's skill as printed, and returns one spelling", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const seller = await createOperator("seller");
  const { id: agent_id } = await registerAgent(seller, "publisher-bot");
  expect((await seller.refused("stack_publish_skill", PDF_SUMMARIZER)).code).toBe("NOT_FOUND");
  const skill = await seller.ok("stack_publish_skill", { ...PDF_SUMMARIZER, agent_id });
  expect(skill).toMatchObject({
    price_per_invocation: 10,
    credential_mode: "buyer_provides",
    required_credentials: [{ provider: "openai", scopes: ["chat"] }],
    execution_steps: [
      {
        type: "script",
        label: "fetch-pdf",
        runtime: "javascript",
        code: PDF_SUMMARIZER.execution_steps[0]?.script,
      },
      {
        type: "llm",
        label: "summarize",
        model: "openai/gpt-4o",
        temperature: 0.3,
        max_tokens: 2_000,
        system_prompt: "Summarize the following document.",
        user_message: "$PREV",
      },
    ],
  });
});

test.each<[string, Record<string, unknown>, Record<string, unknown>[]]>([
  [
    "a script",
    { execution_script: "return {};", execution_runtime: "javascript", llm_enabled: false },
    [{ type: "script", runtime: "javascript", code: "return {};" }],
  ],
  [
    "a model call",
    {
      llm_enabled: true,
      llm_provider: "openai",
      llm_model: "gpt-4o",
      llm_config: { max_tokens: 5 },
      execution_runtime: "none",
    },
    [{ type: "llm", model: "openai/gpt-4o", max_tokens: 5, user_message: "$INPUT" }],
  ],
  [
    "both",
    {
      execution_script: "return {};",
      llm_enabled: true,
      llm_provider: "openai",
      llm_model: "gpt-4o",
    },
    [{ type: "script" }, { type: "llm", user_message: "$PREV" }],
  ],
])("turns flat legacy fields that describe %s into steps", async (_, flat, steps) => {
  const { createOperator } = await openTestApp({ start: false });
  const seller = await createOperator("seller");
  const draft = sealedScript("", {
    execution_steps: undefined,
    price_per_invocation: undefined,
    price_credits: 7,
    ...flat,
  });
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", draft);
  expect(skill).toMatchObject({ price_per_invocation: 7, execution_steps: steps });
  expect((skill.execution_steps as unknown as unknown[]).length).toBe(steps.length);
});

test("publishes Python from flat fields, and checks its dependencies", async () => {
  const { createOperator } = await openTestApp({ home: await withSnapshot(makeHome()) });
  const seller = await createOperator("seller");
  const { execution_steps: _, ...flat } = sealedScript("");
  const draft = {
    ...flat,
    execution_script: "import statistics\nreturn {'mean': statistics.mean(input['n'])}",
    execution_runtime: "python",
    dependencies: "statistics\ncollections.abc  # of the library",
  };
  const { id: skill_id } = await seller.ok<{ id: string }>("stack_publish_skill", draft);
  const run = await seller.ok("stack_invoke_skill", {
    skill_id,
    input: { n: [1, 2, 6] },
    wait_ms: 25_000,
  });
  expect(run).toMatchObject({ status: "completed", output: { mean: 3 } });
});
