import { expect, test } from "vitest";
import { LlmError } from "../../../src/llm/llm-call.ts";
import { OpenAiProvider } from "../../../src/llm/openai-provider.ts";
import { Secret } from "../../../src/shared/secret.ts";
import { answering, raw, says, silence, startLlmServer } from "../../helpers/llm-server.ts";

const KEY = "sk-the-hosts-own-key";

const call = {
  model: "m",
  systemPrompt: undefined,
  userMessage: "hello",
  temperature: 0,
  maxTokens: 5,
};

test("a provider that is silent is given up at the time limit", async () => {
  const server = await startLlmServer(silence);
  const provider = new OpenAiProvider(new Secret(KEY), server.baseUrl);
  const outcome = provider.complete({
    ...call,
    timeoutMs: 50,
    signal: new AbortController().signal,
  });
  await expect(outcome).rejects.toThrow(new LlmError("The model provider did not answer in time."));
});

test("the time limit is for all tries together", async () => {
  const server = await startLlmServer(silence);
  const provider = new OpenAiProvider(new Secret(KEY), server.baseUrl);
  const outcome = provider.complete({
    ...call,
    timeoutMs: 300,
    signal: new AbortController().signal,
  });
  await expect(outcome).rejects.toThrow(LlmError);
  expect(server.seen).toHaveLength(1);
});

const asked = { timeoutMs: 5_000, signal: new AbortController().signal };

test.each([
  [
    "temperature",
    { error: { message: "Unsupported value", param: "temperature" } },
    { max_tokens: 5 },
  ],
  [
    "max_tokens",
    { error: { message: "Use 'max_completion_tokens' instead.", param: "max_tokens" } },
    { temperature: 0.5 },
  ],
  [
    "max_tokens",
    { error: { message: "Unsupported parameter: max_tokens" } },
    { max_completion_tokens: 5 },
  ],
])(
  "a parameter that the model does not take, %s, is left out and the rest stays",
  async (name, refusal, kept) => {
    const server = await startLlmServer(answering(400, refusal), says("x"));
    const provider = new OpenAiProvider(new Secret(KEY), server.baseUrl);
    expect(await provider.complete({ ...call, ...asked, temperature: 0.5 })).toMatchObject({
      text: "x",
    });
    expect(server.seen).toHaveLength(2);
    expect(server.seen[1]?.body).toMatchObject(kept);
    expect(server.seen[1]?.body).not.toHaveProperty(name);
  },
);

test.each([
  [
    "a value that is out of its bounds is not left out",
    answering(400, {
      error: { message: "must be <= 1", param: "temperature", code: "invalid_value" },
    }),
    /status 400/,
  ],
  ["an answer that cannot be read is not bought again", raw("{broken"), /could not be read/],
  ["an answer that is nothing is not bought again", raw("null"), /no text in it/],
  [
    "a fault of the request is told at once",
    answering(400, { error: { message: "No." } }),
    /status 400/,
  ],
  [
    "a wait that is longer than the step fails at once",
    answering(429, {}, { "retry-after": "60" }),
    /rate limiting.*longer than the step/,
  ],
  [
    "a quota that is used up is not asked again",
    answering(429, { error: { message: "x", code: "insufficient_quota" } }),
    /quota for this key is used up/,
  ],
])("%s", async (_, answer, said) => {
  const server = await startLlmServer(answer);
  const provider = new OpenAiProvider(new Secret(KEY), server.baseUrl);
  await expect(provider.complete({ ...call, ...asked })).rejects.toThrow(said);
  expect(server.seen).toHaveLength(1);
});

test("reasoning models are given their own name of the limit", async () => {
  const server = await startLlmServer(says("x"));
  const provider = new OpenAiProvider(new Secret(KEY), server.baseUrl);
  await provider.complete({
    ...call,
    model: "gpt-5-mini",
    timeoutMs: 5_000,
    signal: new AbortController().signal,
  });
  expect(server.seen[0]?.body).toMatchObject({ max_completion_tokens: 5 });
  expect(server.seen[0]?.body).not.toHaveProperty("max_tokens");
});
