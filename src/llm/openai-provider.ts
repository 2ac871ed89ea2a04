import type OpenAI from "openai";
import type { Secret } from "../shared/secret.ts";
import { type LlmAnswer, type LlmCall, LlmError, type LlmProvider } from "./llm-call.ts";

const MAX_RETRIES = 2;
const MAX_ANSWER_CHARS = 1_000_000;
/** Reasoning models refuse the older name of the limit, and other servers know only that one. */
const REASONING_MODEL = /^(?:o\d|gpt-5)/;

/** Anything that speaks OpenAI's chat completions, at any base URL. */
export class OpenAiProvider implements LlmProvider {
  readonly #apiKey: Secret<string>;
  readonly #baseUrl: string | undefined;
  #client: Promise<OpenAI> | undefined;

  constructor(apiKey: Secret<string>, baseUrl: string | undefined) {
    this.#apiKey = apiKey;
    this.#baseUrl = baseUrl;
  }

  /** Throws LlmError. 429 and 5xx are tried again twice, as the library does it. */
  async complete(call: LlmCall): Promise<LlmAnswer> {
    this.#client ??= this.#connect();
    const client = await this.#client;
    try {
      const options = { timeout: call.timeoutMs, signal: call.signal };
      return answerOf(await client.chat.completions.create(requestOf(call), options));
    } catch (error) {
      throw error instanceof LlmError ? error : new LlmError(explain(error), { cause: undefined });
    }
  }

  /** The library is large: it is loaded when the first llm step runs. */
  async #connect(): Promise<OpenAI> {
    const { default: OpenAI } = await import("openai");
    return new OpenAI({
      apiKey: this.#apiKey.reveal(),
      baseURL: this.#baseUrl ?? null,
      maxRetries: MAX_RETRIES,
      logLevel: "off",
    });
  }
}

function requestOf(call: LlmCall): OpenAI.ChatCompletionCreateParamsNonStreaming {
  const system = call.systemPrompt === undefined ? [] : [{ role: "system" as const, content: call.systemPrompt }];
  return {
    model: call.model,
    messages: [...system, { role: "user", content: call.userMessage }],
    ...(call.temperature === undefined ? {} : { temperature: call.temperature }),
    ...(REASONING_MODEL.test(call.model) ? { max_completion_tokens: call.maxTokens } : { max_tokens: call.maxTokens }),
  };
}

/** What a server sends may be anything: only a text answer with sane usage is one. */
function answerOf(completion: Partial<OpenAI.ChatCompletion> | string): LlmAnswer {
  const text = typeof completion === "object" ? completion.choices?.[0]?.message?.content : undefined;
  if (typeof completion !== "object" || typeof text !== "string") {
    throw new LlmError("The model provider's answer has no text in it.");
  }
  if (text.length > MAX_ANSWER_CHARS) throw new LlmError("The model provider's answer is too long.");
  return {
    text,
    inputTokens: tokenCount(completion.usage?.prompt_tokens),
    outputTokens: tokenCount(completion.usage?.completion_tokens ?? Math.ceil(text.length / 4)),
    standIn: false,
  };
}

function tokenCount(reported: unknown): number {
  return typeof reported === "number" && Number.isSafeInteger(reported) && reported >= 0 ? reported : 0;
}

function explain(error: unknown): string {
  const { status, name } = error as { status?: unknown; name?: unknown };
  if (status === 401 || status === 403) return "The model provider refused the configured key.";
  if (status === 404) return "The model provider does not know this model.";
  if (status === 429) return "The model provider is rate limiting this key. Try again later.";
  if (typeof status === "number") return `The model provider answered with status ${status}.`;
  if (name === "APIConnectionTimeoutError" || /timed? ?out/i.test(String((error as Error).message))) {
    return "The model provider did not answer in time.";
  }
  return "The model provider could not be reached, or its answer could not be read.";
}
