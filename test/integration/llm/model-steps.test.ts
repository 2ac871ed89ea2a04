import { expect, test } from "vitest";
import { EXTRACT_INVOICE_TOTALS, INVOICE } from "../../../src/faces/cli/demo/skills.ts";
import { openTestApp } from "../../helpers/app.ts";
import { raw, says, startLlmServer, status, stopped } from "../../helpers/llm-server.ts";

const KEY = "sk-the-hosts-own-key";

const TOTALS = '{"subtotal":1,"tax":2,"total":3,"currency":"EUR"}';

async function trade(server: { baseUrl: string }) {
  const test = await openTestApp({ env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: server.baseUrl } });
  const [seller, buyer] = [await test.createOperator("seller"), await test.createOperator("buyer")];
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", EXTRACT_INVOICE_TOTALS);
  const order = { skill_id: skill.id, input: INVOICE, wait_ms: 20_000 };
  const run = await buyer.ok<{ id: string; error?: object }>("stack_invoke_skill", order);
  return { ...test, run, buyer, seller };
}

test("sends the rendered prompts to the provider, and charges by its usage", async () => {
  const usage = { prompt_tokens: 200_000, completion_tokens: 10_000 };
  const server = await startLlmServer(says(TOTALS, usage));
  const { run } = await trade(server);
  expect(run).toMatchObject({ status: "completed", output: JSON.parse(TOTALS) });
  expect(run).not.toHaveProperty("stand_in");
  // 200,000 × 0.15 µ$ + 10,000 × 0.60 µ$ = 36,000 µ$ would be 5 cents; the reserve for this prompt
  // is less.
  expect(run).toMatchObject({ cost_cents: 25, compute_cost_cents: 1 });
  const [request] = server.seen;
  expect(request).toMatchObject({ path: "/v1/chat/completions", authorization: `Bearer ${KEY}` });
  expect(request?.body).toEqual({
    model: "gpt-4o-mini",
    max_tokens: 1_000,
    messages: [
      { role: "system", content: EXTRACT_INVOICE_TOTALS.execution_steps[0]?.system_prompt },
      { role: "user", content: INVOICE.text },
    ],
  });
});

test("retries 429 and 5xx", async () => {
  const server = await startLlmServer(status(429), status(503), says(TOTALS));
  expect((await trade(server)).run).toMatchObject({ status: "completed" });
  expect(server.seen).toHaveLength(3);
});

test.each([
  ["keeps answering 429", status(429)],
  ["keeps answering 500", status(500)],
  ["refuses the key", status(401)],
  ["sends no JSON", raw("<html>busy</html>")],
  ["sends JSON of another shape", raw('{"choices":[]}')],
  ["sends an answer without text", says(null)],
  [
    "streams although nobody asked",
    raw('data: {"choices":[{"delta":{"content":"x"}}]}\n\ndata: [DONE]\n', "text/event-stream"),
  ],
])("fails a run uncharged, and within the seal, when its provider %s", async (_, answer) => {
  const { run, buyer, logged } = await trade(await startLlmServer(answer));
  expect(run).toMatchObject({
    status: "failed",
    error: { code: "llm_error", step: 1 },
    charged_cents: 0,
  });
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
  for (const text of [JSON.stringify(run), logged.join("\n")]) {
    expect(text).not.toContain(KEY);
    expect(text).not.toContain("secret-of-theirs");
  }
});

const NO_ANSWERS: [string, ReturnType<typeof stopped>][] = [
  ["is cut at its limit", stopped("length", { content: TOTALS.slice(0, 20) })],
  ["is cut at its limit, whole by chance", stopped("length", { content: TOTALS })],
  ["is cut before its first word", stopped("length", { content: "" })],
  ["is empty", stopped("stop", { content: "" })],
  ["is blank", stopped("stop", { content: " \n\t" })],
  ["is refused", stopped("stop", { content: TOTALS, refusal: "I cannot help with that." })],
  ["is filtered", stopped("content_filter", { content: TOTALS })],
  ["is a call of a tool", stopped("tool_calls", { content: null })],
  ["is a call of a function", stopped("function_call", { content: TOTALS })],
  ["stops for a reason that nobody knows", stopped("constructor", { content: TOTALS })],
];

test.each(NO_ANSWERS)(
  "charges nothing for a model's text that %s, and fails a draft with it",
  async (_, answer) => {
    const { run, buyer, createOperator } = await trade(await startLlmServer(answer));
    expect(run).toMatchObject({
      status: "failed",
      error: { code: "llm_error", step: 1 },
      charged_cents: 0,
    });
    expect(await buyer.ok("stack_get_balance")).toMatchObject({
      balance_cents: 1_000,
      held_cents: 0,
    });
    const author = await createOperator("author");
    const tried = await author.ok("stack_test_skill", {
      ...EXTRACT_INVOICE_TOTALS,
      input: INVOICE,
    });
    expect(tried).toMatchObject({ ok: false, error: { code: "llm_error", step: 1 } });
  },
);

test("names the limit of a text that was cut, and takes it only with allow_cut", async () => {
  const server = await startLlmServer(stopped("length", { content: "The beginning of" }));
  const { run, createOperator, buyer } = await trade(server);
  const limit = { name: "max_tokens", value: 1_000 };
  expect(run).toMatchObject({
    error: { limit, message: expect.stringContaining("max_tokens (1000)") },
  });
  const step = {
    type: "llm",
    model: "openai/gpt-4o-mini",
    user_message: "$INPUT.text",
    allow_cut: true,
  };
  const draft = {
    ...EXTRACT_INVOICE_TOTALS,
    name: "teaser",
    output_schema: true,
    execution_steps: [step],
  };
  const author = await createOperator("author");
  const skill = await author.ok<{ id: string; execution_steps: unknown; digest: string }>(
    "stack_publish_skill",
    draft,
  );
  expect(skill.execution_steps).toMatchObject([{ allow_cut: true }]);
  const taken = await buyer.ok("stack_invoke_skill", {
    skill_id: skill.id,
    input: INVOICE,
    wait_ms: 20_000,
  });
  expect(taken).toMatchObject({ status: "completed", output: "The beginning of" });
  server.answers = [stopped("length", { content: "" })];
  const again = { skill_id: skill.id, input: INVOICE, repeat: true, wait_ms: 20_000 };
  const nothing = await buyer.ok("stack_invoke_skill", again);
  expect(nothing).toMatchObject({
    status: "failed",
    error: { code: "llm_error", limit },
    charged_cents: 0,
  });
  const strict = { ...draft, execution_steps: [{ ...step, allow_cut: false }] };
  const changed = await author.ok<{ digest: string; execution_steps: object[] }>(
    "stack_update_skill",
    {
      skill_id: skill.id,
      execution_steps: strict.execution_steps,
    },
  );
  expect(changed.digest).not.toBe(skill.digest);
  expect(changed.execution_steps[0]).not.toHaveProperty("allow_cut");
});

test.each([
  ["says nothing of why", undefined],
  ["says null", null],
])("takes the answer of a server that %s it stopped", async (_, reason) => {
  const { run } = await trade(await startLlmServer(stopped(reason, { content: TOTALS })));
  expect(run).toMatchObject({ status: "completed", output: JSON.parse(TOTALS) });
});

test("believes a provider's usage up to what was reserved", async () => {
  const server = await startLlmServer(
    says(TOTALS, { prompt_tokens: 1e15, completion_tokens: 1e15 }),
  );
  const { createOperator } = await openTestApp({
    env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: server.baseUrl },
  });
  const author = await createOperator("author");
  for (let draft = 0; draft < 3; draft++) {
    const tried = await author.ok<{ steps: { usage: object }[]; compute_micro_usd: number }>(
      "stack_test_skill",
      {
        ...EXTRACT_INVOICE_TOTALS,
        input: INVOICE,
      },
    );
    expect(tried).toMatchObject({ ok: true, steps: [{ usage: { output_tokens: 1_000 } }, {}] });
    expect(tried.compute_micro_usd).toBeLessThan(1_000);
  }
});

test("ignores usage that is no usage", async () => {
  const server = await startLlmServer(
    says(TOTALS, { prompt_tokens: -5, completion_tokens: "many" }),
  );
  expect((await trade(server)).run).toMatchObject({ status: "completed", compute_cost_cents: 1 });
});

test("fails a prompt that repeats its input too often before asking a provider", async () => {
  const server = await startLlmServer(says("x"));
  const { createOperator } = await openTestApp({
    env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: server.baseUrl },
  });
  const [seller, buyer] = [
    await createOperator("seller"),
    await createOperator("buyer", { fundCents: 100_000 }),
  ];
  const step = {
    type: "llm",
    model: "openai/gpt-4o-mini",
    user_message: "$INPUT.t ".repeat(5_000),
  };
  const draft = {
    ...EXTRACT_INVOICE_TOTALS,
    input_schema: {},
    output_schema: {},
    execution_steps: [step],
  };
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", draft);
  const order = { skill_id: skill.id, input: { t: "x".repeat(900_000) }, wait_ms: 20_000 };
  expect(await buyer.ok("stack_invoke_skill", order)).toMatchObject({
    status: "failed",
    error: { code: "llm_error" },
  });
  expect(server.seen).toEqual([]);
});

test("says why a model step failed to its publisher, and not to a sealed one's buyer", async () => {
  const { run, createOperator, seller } = await trade(await startLlmServer(status(401)));
  expect(run.error).not.toHaveProperty("reason");
  const seen = await seller.ok<{ error: object }>("stack_check_invocation", {
    invocation_id: run.id,
  });
  expect(seen.error).toMatchObject({ reason: "The model provider refused the configured key." });
  const author = await createOperator("author");
  const tried = await author.ok<{ error: object }>("stack_test_skill", {
    ...EXTRACT_INVOICE_TOTALS,
    input: INVOICE,
  });
  expect(tried.error).toMatchObject({ reason: "The model provider refused the configured key." });
});

test("rejects an invocation without a provider's key before any hold", async () => {
  const { createOperator } = await openTestApp({ env: { STACK_LLM_FALLBACK: "" } });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", EXTRACT_INVOICE_TOTALS);
  const refused = await buyer.refused("stack_invoke_skill", { skill_id: skill.id, input: INVOICE });
  expect(refused).toMatchObject({
    code: "PROVIDER_NOT_CONFIGURED",
    details: { provider: "openai" },
  });
  expect(refused.message).toContain("Set OPENAI_API_KEY, or STACK_LLM_FALLBACK=stand-in");
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ held_cents: 0 });
});
