import { type ExecutionMode, isRunHere } from "../market/skill.ts";

export const INVOCATION_STATUSES = [
  "pending",
  "processing",
  "completed",
  "failed",
  "expired",
  "cancelled",
] as const;
export type InvocationStatus = (typeof INVOCATION_STATUSES)[number];

/** The ways in which an accepted run can fail. */
export const VERDICTS = {
  timeout: "The step ran longer than its time limit.",
  memory: "The step used more memory than a guest is given.",
  output_too_large: "The output is larger than 1 MB.",
  output_invalid: "The output does not fit the skill's output_schema.",
  script_error: "The script threw an error.",
  refused: "The skill refused this input by a rule of its own. Nothing was charged.",
  llm_error: "The model step gave no usable answer.",
  crash: "The sandbox ended without a result.",
  lost: "The process that ran this ended before the result was recorded. Nothing was charged; invoke again, with a new idempotency_key.",
  provider_failed: "The provider reported that it could not do the work.",
} as const satisfies Record<string, string>;

export type FailureReason = keyof typeof VERDICTS;

/** The bound that a step met. */
export interface MetLimit {
  readonly name:
    | "wall_ms"
    | "memory_mb"
    | "output_bytes"
    | "max_tokens"
    | "json_depth"
    | "whole_number"
    | "unicode";
  /** Left out where the bound is none of size. */
  readonly value?: number;
}

const LIMIT_TEXTS: Readonly<Record<MetLimit["name"], (value: number | undefined) => string>> = {
  wall_ms: (value) => `Its limit was ${value} ms.`,
  memory_mb: (value) => `Its limit was ${value} MB.`,
  output_bytes: (value) => `Its limit was ${value} bytes.`,
  max_tokens: (value) => `The model stopped at max_tokens (${value}), in the middle of its text.`,
  json_depth: (value) => `The output nests deeper than ${value} levels.`,
  whole_number: (value) =>
    `The output has a whole number beyond ${value}, which would lose digits. Return it as text.`,
  unicode: () => "The output has text that is not well-formed Unicode.",
};

/** Explains a verdict, with the limit where one was met. */
export function verdictMessage(verdict: FailureReason, limit: MetLimit | undefined): string {
  const met = limit && LIMIT_TEXTS[limit.name](limit.value);
  // An output that is no JSON to be kept was not held against its schema.
  if (verdict === "output_invalid" && met !== undefined) return met;
  return met === undefined ? VERDICTS[verdict] : `${VERDICTS[verdict]} ${met}`;
}

/** From these nothing leads on: the money has moved or is free again. */
const TERMINAL: readonly InvocationStatus[] = ["completed", "failed", "expired", "cancelled"];

export function isTerminal(status: InvocationStatus): boolean {
  return TERMINAL.includes(status);
}

/** Returns the milliseconds until the next question: few at first, then more. */
export function pollAfterMs(ageMs: number): number {
  return ageMs < 30_000 ? 2_000 : 10_000;
}

/** The cost of an invocation and its reasons. */
export interface Charge {
  readonly status: InvocationStatus;
  readonly execution_mode: ExecutionMode;
  readonly price_cents: number;
  readonly reserve_cents: number;
  readonly compute_cents: number;
  readonly compute_micro_usd: number;
  readonly service_reserve_cents: number;
  readonly service_cents: number;
  readonly service_markup_cents: number;
  readonly awaits_approval: number;
}

/** One sentence for the buyer: what is held or was charged, and by which rule. */
export function chargeNote(charge: Charge): string {
  const { status, price_cents: price, reserve_cents: reserve, compute_cents: compute } = charge;
  if (!isTerminal(status)) {
    if (price === 0) return "The skill is free: nothing is held.";
    const { service_reserve_cents: calls } = charge;
    const parts = [
      ...(reserve === 0 ? [] : [`a reserve of ${reserve} for compute`]),
      ...(calls === 0 ? [] : [`${calls} for calls with the publisher's credentials`]),
    ];
    const held =
      parts.length === 0
        ? `${price} cents are held, the price.`
        : `${price + reserve + calls} cents are held: the price of ${price} and ${parts.join(" and ")}.`;
    return `${held} They are charged only for an output that fits.`;
  }
  if (status !== "completed") return `Nothing was charged: ${endOf(charge)}, and its hold is void.`;
  if (price === 0)
    return "The skill is free: nothing was charged, and the platform bears the compute.";
  if (!isRunHere(charge.execution_mode))
    return `The price of ${price} cents; the provider's own compute costs nothing on top.`;
  return `The price of ${price} cents and ${compute} for compute: ${charge.compute_micro_usd} micro-dollars metered, plus 15 %, rounded up to cents, at most the reserve of ${reserve}.${callsNote(charge)}`;
}

function endOf({ status, awaits_approval }: Charge): string {
  // One that was approved has lost its mark.
  const wasUndecided = status === "cancelled" && awaits_approval === 1;
  if (wasUndecided) return "it was denied or cancelled before it was approved";
  return `the invocation ${ENDED_AS[status] ?? "ended"}`;
}

function callsNote({ service_cents: cost, service_markup_cents: markup }: Charge): string {
  return cost === 0
    ? ""
    : ` Calls with the publisher's credentials: ${cost} cents and ${markup} for the platform.`;
}

const ENDED_AS: Partial<Record<InvocationStatus, string>> = {
  failed: "failed",
  expired: "expired",
  cancelled: "was cancelled",
};
