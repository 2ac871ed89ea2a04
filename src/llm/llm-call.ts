import type { Json } from "../shared/json.ts";

/** One call to a model. The prompts are opened for this call alone and kept nowhere. */
export interface LlmCall {
  /** The provider's own name of the model: what follows `provider/`. */
  readonly model: string;
  readonly systemPrompt: string | undefined;
  readonly userMessage: string;
  readonly temperature: number | undefined;
  readonly maxTokens: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The schema of the skill's output, and whether this call's answer is already that output. */
  readonly wanted?: { readonly schema: Json; readonly isLast: boolean };
}

export interface LlmAnswer {
  readonly text: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The model stopped at `maxTokens`: the text may end in the middle. */
  readonly isCut: boolean;
  /** The labelled stand-in answered, not a model. */
  readonly standIn: boolean;
}

/** Something that answers calls. */
export interface LlmProvider {
  complete(call: LlmCall): Promise<LlmAnswer>;
}

/**
 * The provider gave no usable answer. The message is our own sentence: no prompt, no key, no
 * upstream text.
 */
export class LlmError extends Error {
  override readonly name = "LlmError";
}
