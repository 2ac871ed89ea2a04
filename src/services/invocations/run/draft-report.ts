import type { Refusal } from "../../../domain/market/refusal.ts";
import type { Step } from "../../../domain/market/skill.ts";
import { codeHint, isFenced } from "../../../domain/runs/code-hints.ts";
import { type FailureReason, verdictMessage } from "../../../domain/runs/invocation.ts";
import type { StepUsage } from "../../../domain/runs/metering.ts";
import { assert } from "../../../shared/errors.ts";
import { type Json, jsonProblem } from "../../../shared/json.ts";
import { LIMITS } from "../../../shared/limits.ts";
import type { Measured } from "../../../shared/payload.ts";
import type { StepFailure, StepResult } from "./step-result.ts";

/** One step of a draft, as the caller that tests the draft sees it. */
export interface DraftStep {
  readonly step: number;
  readonly type: Step["type"];
  readonly label?: string | undefined;
  readonly ok: boolean;
  readonly output?: Json;
  /** Of an output that is too long to show. */
  readonly output_chars?: number;
  readonly error?: DraftError;
  /** Lines that its script printed. */
  readonly printed?: readonly string[];
  readonly usage?: Readonly<Record<string, number>>;
}

export interface DraftError {
  readonly code: FailureReason;
  readonly message: string;
  /** The message of the code itself. */
  readonly reason?: string | undefined;
  readonly line?: number | undefined;
  /** Read by a paid run's buyer too. */
  readonly details?: { readonly refusal: Refusal };
}

export interface DraftReport {
  readonly ok: boolean;
  readonly output?: Json;
  readonly output_chars?: number;
  /** Warnings of likely mistakes. */
  readonly warnings?: readonly string[];
  /** The places in which the output does not fit output_schema. */
  readonly misfits: readonly {
    readonly path: string;
    readonly rule: string;
    readonly message: string;
  }[];
  readonly error?: DraftError & { readonly step: number };
  readonly steps: readonly DraftStep[];
  readonly compute_micro_usd: number;
  /** A paid run's charge for compute, out of the reserve. */
  readonly compute_cents: number;
  readonly reserve_cents: number;
  readonly stand_in: boolean;
  /** A sentence on what to set, where a step was answered without a model. */
  readonly note?: string;
}

export function testedStep(number: number, step: Step | undefined, result: StepResult): DraftStep {
  assert(step, "the plan names the draft's own steps");
  const label = step.label === undefined ? {} : { label: step.label };
  const usage = result.usage === undefined ? {} : { usage: usageOf(result.usage) };
  const printed = result.printed === undefined ? {} : { printed: result.printed };
  const about = { step: number, type: step.type, ...label, ...printed, ...usage };
  if (result.kind === "ok") return { ...about, ok: true, ...shown(result.value) };
  const error = errorOf(result);
  return { ...about, ok: false, error: { ...error, ...hintFor(step, error) } };
}

/** Tells what code that does not parse was meant to be, behind what the runtime says of it. */
function hintFor(step: Step, { reason = "" }: DraftError): { readonly reason?: string } {
  if (step.type !== "script" || !(reason.startsWith("SyntaxError") || isFenced(step.code)))
    return {};
  const hint = codeHint(step.runtime, step.code);
  return hint === undefined ? {} : { reason: `${reason}. ${hint}` };
}

export type Failed = Pick<
  StepFailure,
  "verdict" | "limit" | "guestMessage" | "line" | "refusal" | "cause"
>;

/** Returns the error of a failed step; an aborted test counts as a timeout. */
export function errorOf({
  verdict,
  limit,
  guestMessage,
  cause,
  line,
  refusal,
}: Failed): DraftError {
  const reason = guestMessage ?? cause;
  const code = verdict === "lost" ? "timeout" : verdict;
  const met = verdict === "lost" ? ({ name: "wall_ms", value: LIMITS.testMs } as const) : limit;
  return {
    code,
    message: verdictMessage(code, met),
    reason,
    line,
    details: refusal === undefined ? undefined : { refusal },
  };
}

function usageOf(usage: StepUsage): Record<string, number> {
  if (usage.type === "llm")
    return { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens };
  return {
    wall_ms: Math.round(usage.wallMs),
    cpu_ms: Math.round(usage.cpuMs),
    peak_mb: Math.round(usage.peakMb),
    fetch_calls: usage.fetchCalls,
  };
}

export function shown({ value, json }: Measured): { output?: Json; output_chars?: number } {
  const isShown =
    json.length <= LIMITS.shownOutputChars && jsonProblem(value, LIMITS.jsonDepth) === undefined;
  return isShown ? { output: value } : { output_chars: json.length };
}
