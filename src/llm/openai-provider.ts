import type OpenAI from "openai";
import { systemClock } from "../shared/clock.ts";
import type { Secret } from "../shared/secret.ts";
import { type LlmAnswer, type LlmCall, LlmError, type LlmProvider } from "./llm-call.ts";

const MAX_RETRIES = 2;
const MAX_ANSWER_CHARS = 1_000_000;
const CHARS_PER_TOKEN = 4;
const TOO_LATE = "The model provider did not answer in time.";
/** Reasoning models refuse the older name of the limit, and other servers know only that one. */
const REASONING_MODEL = /^(?:o\d|gpt-5)/;

/** Anything that speaks OpenAI's chat completions, at any base URL. */
export class OpenAiProvider implements LlmProvider {
  readonly #apiKey: Secret<string>;
  readonly #baseUrl: string | undefined;
  readonly #maxRetries: number;
  #client: Promise<OpenAI> | undefined;

  constructor(apiKey: Secret<string>, baseUrl: string | undefined, maxRetries = MAX_RETRIES) {
    this.#maxRetries = maxRetries;
    this.#apiKey = apiKey;
    this.#baseUrl = baseUrl;
  }

  /** Throws LlmError. 429 and 5xx are tried again, as the library does it. */
  async complete(call: LlmCall): Promise<LlmAnswer> {
    this.#client ??= this.#connect();
    const client = await this.#client;
    // The library's own limit is for each try.
    const late = systemClock.deadline(call.timeoutMs);
    try {
      const options = { timeout: call.timeoutMs, signal: AbortSignal.any([call.signal, late]) };
      return answerOf(await client.chat.completions.create(requestOf(call), options), call);
    } catch (error) {
      if (error instanceof LlmError) throw error;
      throw new LlmError(late.aborted ? TOO_LATE : explain(error));
    }
  }

  /** The library is large: it is loaded when the first llm step runs. */
  async #connect(): Promise<OpenAI> {
    const { default: OpenAI } = await import("openai");
    return new OpenAI({
      apiKey: this.#apiKey.reveal(),
      baseURL: this.#baseUrl ?? null,
      maxRetries: this.#maxRetries,
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

/** The reasons a model stops for once it has answered. Servers that give no reason have answered too. */
const ANSWERED: readonly unknown[] = ["stop", "length", null, undefined];

/** A server may send anything. Only a text whose model says that it has answered, with sane usage, is an answer. */
function answerOf(completion: Partial<OpenAI.ChatCompletion> | string, call: LlmCall): LlmAnswer {
  const choice = typeof completion === "object" ? completion.choices?.[0] : undefined;
  const { content: text, refusal } = choice?.message ?? {};
  if (typeof refusal === "string" && refusal !== "") throw new LlmError("The model refused to answer.");
  const reason: unknown = choice?.finish_reason;
  if (!ANSWERED.includes(reason)) throw new LlmError(STOPPED.get(reason) ?? "The model stopped without an answer.");
  if (typeof completion !== "object" || typeof text !== "string") {
    throw new LlmError("The model provider's answer has no text in it.");
  }
  const isCut = reason === "length";
  if (text.trim() === "" && !isCut) throw new LlmError("The model gave an empty answer.");
  if (text.length > MAX_ANSWER_CHARS) throw new LlmError("The model provider's answer is too long.");
  return {
    text,
    inputTokens: tokenCount(completion.usage?.prompt_tokens, `${call.systemPrompt ?? ""}${call.userMessage}`),
    outputTokens: tokenCount(completion.usage?.completion_tokens, text),
    isCut,
    standIn: false,
  };
}

const STOPPED: ReadonlyMap<unknown, string> = new Map([
  ["content_filter", "The model provider's content filter stopped the answer."],
  ["tool_calls", "The model asked for a tool in place of an answer."],
  ["function_call", "The model asked for a tool in place of an answer."],
]);

/** The reported count, or an estimate where there is none that can be one. */
function tokenCount(reported: unknown, text: string): number {
  if (typeof reported === "number" && Number.isSafeInteger(reported) && reported > 0) return reported;
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}

function explain(error: unknown): string {
  const { status, name } = error as { status?: unknown; name?: unknown };
  if (status === 401 || status === 403) return "The model provider refused the configured key.";
  if (status === 404) return "The model provider does not know this model.";
  if (status === 429) return "The model provider is rate limiting this key. Try again later.";
  if (typeof status === "number") return `The model provider answered with status ${status}.`;
  if (name === "APIConnectionTimeoutError" || /timed? ?out/i.test(String((error as Error).message))) {
    return TOO_LATE;
  }
  return "The model provider could not be reached, or its answer could not be read.";
}
