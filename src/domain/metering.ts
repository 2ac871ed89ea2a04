import { LIMITS } from "../shared/limits.ts";
import { computeChargeCents } from "./money.ts";
import type { PlannedStep } from "./skill.ts";

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
/** What one token of an answer comes to at the most, in ordinary text. */
const CHARS_PER_ANSWER_TOKEN = 8;

/** The cost of a run in whole micro-dollars, rounded up. */
export function costMicroUsd(usage: readonly StepUsage[], prices: PriceList): number {
  return Math.ceil(usage.reduce((sum, step) => sum + stepCost(step, prices), 0));
}

/** Cents held for compute beside the price: the charge for the most that the pipeline can use. */
export function reserveCents(pipeline: readonly PlannedStep[], inputChars: number, prices: PriceList): number {
  return computeChargeCents(reserveMicroUsd(pipeline, inputChars, prices));
}

/**
 * The most that a pipeline can use, in whole micro-dollars: whole step timeouts at full memory, `max_tokens`, prompts at
 * their ceiling with a token for each character.
 */
export function reserveMicroUsd(pipeline: readonly PlannedStep[], inputChars: number, prices: PriceList): number {
  const ceilings = promptCeilings(pipeline, inputChars);
  const costs = pipeline.map((step, index) =>
    step.type === "script"
      ? sandboxCost(LIMITS.stepTimeoutMs, prices)
      : llmCost(step.model, ceilings[index] ?? 0, step.max_tokens, prices),
  );
  return Math.ceil(costs.reduce((sum, cost) => sum + cost, 0));
}

/** Characters that each step's rendered prompts may have, 0 for scripts. What the reserve covers, and no more, is run. */
export function promptCeilings(pipeline: readonly PlannedStep[], inputChars: number): number[] {
  let prevChars = 0;
  return pipeline.map((step) => {
    if (step.type === "script") {
      prevChars = Math.max(LIMITS.scriptToPromptChars, inputChars);
      return 0;
    }
    const inserted = step.input_references * inputChars + step.prev_references * prevChars;
    prevChars = step.max_tokens * CHARS_PER_ANSWER_TOKEN;
    return Math.min(step.prompt_chars + inserted, LIMITS.renderedPromptChars);
  });
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
