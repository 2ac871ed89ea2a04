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

test("gives up a silent provider at the time limit", async () => {
  const server = await startLlmServer(silence);
  const provider = new OpenAiProvider(new Secret(KEY), server.baseUrl);
  const outcome = provider.complete({
    ...call,
    timeoutMs: 50,
    signal: new AbortController().signal,
  });
  await expect(outcome).rejects.toThrow(new LlmError("The model provider did not answer in time."));
});

test("applies the time limit to all tries together", async () => {
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
  "leaves out a parameter that the model does not take, %s, and keeps the rest",
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
    "leaves in a value that is out of its bounds",
    answering(400, {
      error: { message: "must be <= 1", param: "temperature", code: "invalid_value" },
    }),
    /status 400/,
  ],
  ["buys no second answer when one cannot be read", raw("{broken"), /could not be read/],
  ["buys no second answer when one is nothing", raw("null"), /no text in it/],
  [
    "tells a fault of the request at once",
    answering(400, { error: { message: "No." } }),
    /status 400/,
  ],
  [
    "fails at once for a wait that is longer than the step",
    answering(429, {}, { "retry-after": "60" }),
    /rate limiting.*longer than the step/,
  ],
  [
    "asks no second time when a quota is used up",
    answering(429, { error: { message: "x", code: "insufficient_quota" } }),
    /quota for this key is used up/,
  ],
])("%s", async (_, answer, said) => {
  const server = await startLlmServer(answer);
  const provider = new OpenAiProvider(new Secret(KEY), server.baseUrl);
  await expect(provider.complete({ ...call, ...asked })).rejects.toThrow(said);
  expect(server.seen).toHaveLength(1);
});

test("sends reasoning models max_completion_tokens", async () => {
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
