import { LIMITS } from "../../shared/limits.ts";
import type { OwnedCredential } from "../identity/connection.ts";
import { type PlannedStep, providerOf, type SellerCredentialLimit } from "../market/skill.ts";
import { computeChargeCents, serviceMarkupCents } from "../money/money.ts";

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

/** The usage of one step. */
export type StepUsage =
  | {
      readonly type: "script";
      readonly wallMs: number;
      readonly cpuMs: number;
      readonly peakMb: number;
      readonly fetchCalls: number;
    }
  | {
      readonly type: "llm";
      readonly model: string;
      readonly inputTokens: number;
      readonly outputTokens: number;
      /** With a key of buyer or seller: its provider sends them the bill. */
      readonly ownKey: boolean;
    };

/** The usage of all steps of a run. */
export interface RunUsage {
  readonly wall_ms: number;
  readonly cpu_ms: number;
  readonly peak_mb: number;
  readonly fetch_calls: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
}

export function totalUsage(steps: readonly StepUsage[]): RunUsage {
  const sum = (of: (step: StepUsage) => number) =>
    steps.reduce((total, step) => total + of(step), 0);
  return {
    wall_ms: Math.ceil(sum((step) => (step.type === "script" ? step.wallMs : 0))),
    cpu_ms: Math.ceil(sum((step) => (step.type === "script" ? step.cpuMs : 0))),
    peak_mb: Math.max(0, ...steps.map((step) => (step.type === "script" ? step.peakMb : 0))),
    fetch_calls: sum((step) => (step.type === "script" ? step.fetchCalls : 0)),
    input_tokens: sum((step) => (step.type === "llm" ? step.inputTokens : 0)),
    output_tokens: sum((step) => (step.type === "llm" ? step.outputTokens : 0)),
  };
}

const MILLION = 1_000_000;
/**
 * A model step with a key of buyer or seller is next to nothing, and a paid run is charged a cent
 * at least.
 */
const OWN_KEY_MICRO_USD = 1;
/** The most characters that one token of an answer comes to, in ordinary text. */
const CHARS_PER_ANSWER_TOKEN = 8;

/** The cost of a run in whole micro-dollars, rounded up. */
export function costMicroUsd(usage: readonly StepUsage[], prices: PriceList): number {
  return Math.ceil(usage.reduce((sum, step) => sum + stepCost(step, prices), 0));
}

/** Cents held for compute beside the price: the charge for the most that the pipeline can use. */
export function reserveCents(order: ReserveOrder, prices: PriceList): number {
  return computeChargeCents(reserveMicroUsd(order, prices));
}

/** A run whose most is asked for. */
export interface ReserveOrder {
  readonly pipeline: readonly PlannedStep[];
  readonly inputChars: number;
  /** Model providers that are called with a key of buyer or seller. */
  readonly ownKeys: readonly string[];
}

/**
 * The most that a pipeline can use, in whole micro-dollars: whole step timeouts at full memory,
 * `max_tokens`, prompts at their ceiling with a token for each character.
 */
export function reserveMicroUsd(
  { pipeline, inputChars, ownKeys }: ReserveOrder,
  prices: PriceList,
): number {
  const ceilings = promptCeilings(pipeline, inputChars);
  const costs = pipeline.map((step, index) => {
    if (step.type === "script") return sandboxCost(LIMITS.stepTimeoutMs, prices);
    if (ownKeys.includes(providerOf(step.model))) return OWN_KEY_MICRO_USD;
    return llmCost(step.model, ceilings[index] ?? 0, step.max_tokens, prices);
  });
  return Math.ceil(costs.reduce((sum, cost) => sum + cost, 0));
}

/**
 * The bounds of calls with the publisher's credentials in one run, and of their cost without the 15
 * %.
 */
export interface SellerBounds {
  readonly maxCalls: number;
  readonly maxCostCents: number;
}

/** The publisher's own limit, and never more than the steps can call at all. */
export function sellerBounds(
  pipeline: readonly PlannedStep[],
  credentials: readonly OwnedCredential[],
  limit: SellerCredentialLimit | null,
): SellerBounds {
  const costs = credentials.map((one) =>
    one.provided_by === "seller" ? (one.cost_cents_per_call ?? 0) : 0,
  );
  const possible = pipeline.reduce(
    (calls, step) => calls + (step.type === "script" ? LIMITS.fetchCalls : 1),
    0,
  );
  const maxCalls = Math.min(limit?.max_calls ?? possible, possible);
  return {
    maxCalls,
    maxCostCents: Math.min(limit?.max_cost_cents ?? Infinity, maxCalls * Math.max(0, ...costs)),
  };
}

/** Cents held for calls with the publisher's credentials; a free skill's buyer pays for none. */
export function serviceReserveCents(priceCents: number, { maxCostCents }: SellerBounds): number {
  return priceCents === 0 ? 0 : maxCostCents + serviceMarkupCents(maxCostCents);
}

/**
 * Characters that each step's rendered prompts may have, 0 for scripts. What the reserve covers,
 * and no more, is run.
 */
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
  if (step.ownKey) return OWN_KEY_MICRO_USD;
  return llmCost(step.model, step.inputTokens, step.outputTokens, prices);
}

function sandboxCost(wallMs: number, prices: PriceList): number {
  return (wallMs / 1_000) * (LIMITS.guestMemoryMb / 1_024) * prices.sandbox_micro_usd_per_gb_second;
}

function llmCost(
  model: string,
  inputTokens: number,
  outputTokens: number,
  prices: PriceList,
): number {
  const price =
    (Object.hasOwn(prices.models, model) ? prices.models[model] : undefined) ??
    prices.default_model;
  const input = (inputTokens * price.input_micro_usd_per_million_tokens) / MILLION;
  return input + (outputTokens * price.output_micro_usd_per_million_tokens) / MILLION;
}
