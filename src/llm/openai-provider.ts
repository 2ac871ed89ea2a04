import type OpenAI from "openai";
import { systemClock } from "../shared/clock.ts";
import type { Secret } from "../shared/secret.ts";
import { type LlmAnswer, type LlmCall, LlmError, type LlmProvider } from "./llm-call.ts";
import { type Adaptable, isQuota, pauseBefore, type Refused, refusedParameter } from "./retries.ts";

const MAX_RETRIES = 2;
const MAX_ANSWER_CHARS = 1_000_000;
const CHARS_PER_TOKEN = 4;
const TOO_LATE = "The model provider did not answer in time.";
const GIVEN_UP = "The call was given up.";
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

  /**
   * Throws LlmError. What passes (429, 5xx, no connection) is tried again while the call has time
   * for it; a parameter that the model does not take is left out.
   */
  async complete(call: LlmCall): Promise<LlmAnswer> {
    this.#client ??= this.#connect();
    const client = await this.#client;
    const late = systemClock.deadline(call.timeoutMs);
    const endsAt = systemClock.elapsed() + call.timeoutMs;
    const options = { timeout: call.timeoutMs, signal: AbortSignal.any([call.signal, late]) };
    const leftOut = new Set<Adaptable>();
    let request = requestOf(call);
    for (let tried = 0; ; ) {
      try {
        return answerOf(await client.chat.completions.create(request, options), call);
      } catch (error) {
        if (error instanceof LlmError) throw error;
        if (options.signal.aborted) throw new LlmError(late.aborted ? TOO_LATE : GIVEN_UP);
        const refused = refusedParameter(error as Refused, request);
        if (refused && !leftOut.has(refused)) {
          leftOut.add(refused);
          request = adapted(request, refused, call.maxTokens);
          continue;
        }
        const pauseMs = tried < this.#maxRetries ? pauseBefore(tried, error as Refused) : undefined;
        if (pauseMs === undefined) throw new LlmError(explain(error));
        if (pauseMs >= endsAt - systemClock.elapsed()) throw new LlmError(waitsTooLong(error));
        await systemClock.sleep(pauseMs, options.signal);
        tried++;
      }
    }
  }

  /** The library is large: it is loaded when the first llm step runs. */
  async #connect(): Promise<OpenAI> {
    const { default: OpenAI } = await import("openai");
    return new OpenAI({
      apiKey: this.#apiKey.reveal(),
      baseURL: this.#baseUrl ?? null,
      // Its own waits know nothing of the time that the step has.
      maxRetries: 0,
      logLevel: "off",
    });
  }
}

type Request = OpenAI.ChatCompletionCreateParamsNonStreaming;

function requestOf(call: LlmCall): Request {
  const system =
    call.systemPrompt === undefined
      ? []
      : [{ role: "system" as const, content: call.systemPrompt }];
  return {
    model: call.model,
    messages: [...system, { role: "user", content: call.userMessage }],
    ...(call.temperature === undefined ? {} : { temperature: call.temperature }),
    ...(REASONING_MODEL.test(call.model)
      ? { max_completion_tokens: call.maxTokens }
      : { max_tokens: call.maxTokens }),
  };
}

/** The request without a parameter, or with the other name of the limit. */
function adapted(
  { temperature, max_tokens, max_completion_tokens, ...rest }: Request,
  refused: Adaptable,
  maxTokens: number,
): Request {
  const warmth = temperature === undefined || refused === "temperature" ? {} : { temperature };
  const isNewer =
    refused === "temperature" ? max_completion_tokens !== undefined : refused === "max_tokens";
  return {
    ...rest,
    ...warmth,
    ...(isNewer ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens }),
  };
}

function waitsTooLong(error: unknown): string {
  const { status } = error as Refused;
  return status === 429
    ? "The model provider is rate limiting this key, for longer than the step has time."
    : "The model provider is not there, for longer than the step has time.";
}

/**
 * The reasons a model stops for once it has answered. Servers that give no reason have answered
 * too.
 */
const ANSWERED: readonly unknown[] = ["stop", "length", null, undefined];

/**
 * A server may send anything. Only a text whose model says that it has answered, with sane usage,
 * is an answer.
 */
function answerOf(
  completion: Partial<OpenAI.ChatCompletion> | string | null,
  call: LlmCall,
): LlmAnswer {
  const choice = typeof completion === "object" ? completion?.choices?.[0] : undefined;
  const { content: text, refusal } = choice?.message ?? {};
  if (typeof refusal === "string" && refusal !== "")
    throw new LlmError("The model refused to answer.");
  const reason: unknown = choice?.finish_reason;
  if (!ANSWERED.includes(reason))
    throw new LlmError(STOPPED.get(reason) ?? "The model stopped without an answer.");
  if (typeof completion !== "object" || completion === null || typeof text !== "string") {
    throw new LlmError("The model provider's answer has no text in it.");
  }
  const isCut = reason === "length";
  if (text.trim() === "" && !isCut) throw new LlmError("The model gave an empty answer.");
  if (text.length > MAX_ANSWER_CHARS)
    throw new LlmError("The model provider's answer is too long.");
  return {
    text,
    inputTokens: tokenCount(
      completion.usage?.prompt_tokens,
      `${call.systemPrompt ?? ""}${call.userMessage}`,
    ),
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
  if (typeof reported === "number" && Number.isSafeInteger(reported) && reported > 0)
    return reported;
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}

function explain(error: unknown): string {
  const { status, name } = error as { status?: unknown; name?: unknown };
  if (status === 401 || status === 403) return "The model provider refused the configured key.";
  if (status === 404) return "The model provider does not know this model.";
  if (isQuota(error as Refused)) return "The model provider's quota for this key is used up.";
  if (status === 429) return "The model provider is rate limiting this key. Try again later.";
  if (typeof status === "number") return `The model provider answered with status ${status}.`;
  if (
    name === "APIConnectionTimeoutError" ||
    /timed? ?out/i.test(String((error as Error).message))
  ) {
    return TOO_LATE;
  }
  return "The model provider could not be reached, or its answer could not be read.";
}
