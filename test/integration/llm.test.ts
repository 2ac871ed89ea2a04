import { expect, test } from "vitest";
import { EXTRACT_INVOICE_TOTALS, INVOICE } from "../../src/faces/cli/demo/skills.ts";
import { LlmError } from "../../src/llm/llm-call.ts";
import { OpenAiProvider } from "../../src/llm/openai-provider.ts";
import { Secret } from "../../src/shared/secret.ts";
import { openTestApp } from "../helpers/app.ts";
import { raw, says, silence, startLlmServer, status } from "../helpers/llm-server.ts";

const KEY = "sk-the-hosts-own-key";
const TOTALS = '{"subtotal":1,"tax":2,"total":3,"currency":"EUR"}';

async function trade(server: { baseUrl: string }) {
  const test = await openTestApp({ env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: server.baseUrl } });
  const [seller, buyer] = [await test.enter("seller"), await test.enter("buyer")];
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", EXTRACT_INVOICE_TOTALS);
  const run = await buyer.ok("stack_invoke_skill", { skill_id: skill.id, input: INVOICE, wait_ms: 20_000 });
  return { ...test, run, buyer };
}

test("an llm step asks the real provider with the rendered prompts and is billed by its usage", async () => {
  const usage = { prompt_tokens: 200_000, completion_tokens: 10_000 };
  const server = await startLlmServer(says(TOTALS, usage));
  const { run } = await trade(server);
  expect(run).toMatchObject({ status: "completed", output: JSON.parse(TOTALS) });
  expect(run).not.toHaveProperty("stand_in");
  // 200,000 × 0.15 µ$ + 10,000 × 0.60 µ$ = 36,000 µ$ would be 5 cents; the reserve for this prompt is less.
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

test("429 and 5xx are tried again", async () => {
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
])("a provider that %s fails the run, uncharged, and nothing of it crosses the seal", async (_, answer) => {
  const { run, buyer, logged } = await trade(await startLlmServer(answer));
  expect(run).toMatchObject({ status: "failed", error: { code: "llm_error", step: 1 }, charged_cents: 0 });
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ balance_cents: 1_000, held_cents: 0 });
  for (const text of [JSON.stringify(run), logged.join("\n")]) {
    expect(text).not.toContain(KEY);
    expect(text).not.toContain("secret-of-theirs");
  }
});

test("usage that is no usage is not believed", async () => {
  const server = await startLlmServer(says(TOTALS, { prompt_tokens: -5, completion_tokens: "many" }));
  expect((await trade(server)).run).toMatchObject({ status: "completed", compute_cost_cents: 1 });
});

const call = { model: "m", systemPrompt: undefined, userMessage: "hello", temperature: 0, maxTokens: 5 };

test("a provider that is silent is given up at the time limit", async () => {
  const server = await startLlmServer(silence);
  const provider = new OpenAiProvider(new Secret(KEY), server.baseUrl);
  const outcome = provider.complete({ ...call, timeoutMs: 50, signal: new AbortController().signal });
  await expect(outcome).rejects.toThrow(new LlmError("The model provider did not answer in time."));
});

test("the time limit is for all tries together", async () => {
  const server = await startLlmServer(silence);
  const provider = new OpenAiProvider(new Secret(KEY), server.baseUrl);
  const outcome = provider.complete({ ...call, timeoutMs: 300, signal: new AbortController().signal });
  await expect(outcome).rejects.toThrow(LlmError);
  expect(server.seen).toHaveLength(1);
});

test("a prompt that repeats its input without end fails the step before a provider is asked", async () => {
  const server = await startLlmServer(says("x"));
  const { enter } = await openTestApp({ env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: server.baseUrl } });
  const [seller, buyer] = [await enter("seller"), await enter("buyer", { fundCents: 100_000 })];
  const step = { type: "llm", model: "openai/gpt-4o-mini", user_message: "$INPUT.t ".repeat(5_000) };
  const draft = { ...EXTRACT_INVOICE_TOTALS, input_schema: {}, output_schema: {}, execution_steps: [step] };
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", draft);
  const order = { skill_id: skill.id, input: { t: "x".repeat(900_000) }, wait_ms: 20_000 };
  expect(await buyer.ok("stack_invoke_skill", order)).toMatchObject({ status: "failed", error: { code: "llm_error" } });
  expect(server.seen).toEqual([]);
});

test("reasoning models are given their own name of the limit", async () => {
  const server = await startLlmServer(says("x"));
  const provider = new OpenAiProvider(new Secret(KEY), server.baseUrl);
  await provider.complete({ ...call, model: "gpt-5-mini", timeoutMs: 5_000, signal: new AbortController().signal });
  expect(server.seen[0]?.body).toMatchObject({ max_completion_tokens: 5 });
  expect(server.seen[0]?.body).not.toHaveProperty("max_tokens");
});

test("without a key the invocation is refused before any hold, naming the variable", async () => {
  const { enter } = await openTestApp({ env: { STACK_LLM_FALLBACK: "" } });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", EXTRACT_INVOICE_TOTALS);
  const refused = await buyer.refused("stack_invoke_skill", { skill_id: skill.id, input: INVOICE });
  expect(refused).toMatchObject({ code: "PROVIDER_NOT_CONFIGURED", details: { provider: "openai" } });
  expect(refused.message).toContain("Set OPENAI_API_KEY, or STACK_LLM_FALLBACK=stand-in");
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ held_cents: 0 });
});
