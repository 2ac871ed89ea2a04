import { LIMITS } from "../shared/limits.ts";
import { computeChargeCents } from "./money.ts";
import type { PlannedLlmStep, PlannedStep } from "./skill.ts";

/** Micro-dollars. Read from `storage/seed/prices.json`. */
export interface PriceList {
  readonly sandbox_micro_usd_per_gb_second: number;
  readonly models: Readonly<Record<string, ModelPrice>>;
  /** For models that the list does not name. */
  readonly default_model: ModelPrice;
}

export interface ModelPrice {
  readonly input_micro_usd_per_million_tokens: number;
  readonly output_micro_usd_per_million_tokens: number;
}

/** What one step used. */
export type StepUsage =
  | {
      readonly type: "script";
      readonly wallMs: number;
      readonly cpuMs: number;
      readonly peakMb: number;
      readonly fetchCalls: number;
    }
  | { readonly type: "llm"; readonly model: string; readonly inputTokens: number; readonly outputTokens: number };

const MILLION = 1_000_000;
/** Deliberately few, so that a reserve errs on the high side. */
const CHARS_PER_TOKEN = 3;
/** What a script is assumed to hand to the prompt after it, at the least. */
const SCRIPT_OUTPUT_CHARS = 4_000;

/** The cost of a run in whole micro-dollars, rounded up. */
export function costMicroUsd(usage: readonly StepUsage[], prices: PriceList): number {
  return Math.ceil(usage.reduce((sum, step) => sum + stepCost(step, prices), 0));
}

/**
 * Cents held for compute beside the price: the charge for the most that the pipeline can use (whole step timeouts at full
 * memory, `max_tokens`, prompts as long as the input makes them). What a run uses beyond it is the platform's.
 */
export function reserveCents(pipeline: readonly PlannedStep[], inputChars: number, prices: PriceList): number {
  let prevChars = inputChars;
  let total = 0;
  for (const step of pipeline) {
    if (step.type === "script") {
      total += sandboxCost(LIMITS.stepTimeoutMs, prices);
      prevChars = Math.max(SCRIPT_OUTPUT_CHARS, inputChars);
    } else {
      total += llmCeiling(step, inputChars, prevChars, prices);
      prevChars = step.max_tokens * CHARS_PER_TOKEN;
    }
  }
  return computeChargeCents(Math.ceil(total));
}

function llmCeiling(step: PlannedLlmStep, inputChars: number, prevChars: number, prices: PriceList): number {
  const inserted = (step.uses_input ? inputChars : 0) + (step.uses_prev ? prevChars : 0);
  const inputTokens = Math.ceil((step.prompt_chars + inserted) / CHARS_PER_TOKEN);
  return llmCost(step.model, inputTokens, step.max_tokens, prices);
}

function stepCost(step: StepUsage, prices: PriceList): number {
  if (step.type === "script") return sandboxCost(step.wallMs, prices);
  return llmCost(step.model, step.inputTokens, step.outputTokens, prices);
}

function sandboxCost(wallMs: number, prices: PriceList): number {
  return (wallMs / 1_000) * (LIMITS.guestMemoryMb / 1_024) * prices.sandbox_micro_usd_per_gb_second;
}

function llmCost(model: string, inputTokens: number, outputTokens: number, prices: PriceList): number {
  const price = (Object.hasOwn(prices.models, model) ? prices.models[model] : undefined) ?? prices.default_model;
  const input = (inputTokens * price.input_micro_usd_per_million_tokens) / MILLION;
  return input + (outputTokens * price.output_micro_usd_per_million_tokens) / MILLION;
}
