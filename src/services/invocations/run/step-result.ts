import { judgeRefusal, type Refusal, type RefusalRules } from "../../../domain/market/refusal.ts";
import type { FailureReason, MetLimit } from "../../../domain/runs/invocation.ts";
import type { StepUsage } from "../../../domain/runs/metering.ts";
import type { ScriptOutcome } from "../../../sandbox/outcome.ts";
import { LIMITS } from "../../../shared/limits.ts";
import { type Measured, measure } from "../../../shared/payload.ts";

export type StepResult =
  | {
      readonly kind: "ok";
      readonly value: Measured;
      readonly usage: StepUsage;
      readonly standIn: boolean;
      readonly printed?: readonly string[] | undefined;
    }
  | StepFailure;

export interface StepFailure {
  readonly kind: "failed";
  readonly verdict: FailureReason;
  readonly line?: number | undefined;
  readonly limit?: MetLimit | undefined;
  readonly guestMessage?: string | undefined;
  readonly refusal?: Refusal | undefined;
  /** Our own sentence on it, which carries nobody's data: for its publisher and its author. */
  readonly cause?: string | undefined;
  readonly usage?: StepUsage | undefined;
  readonly printed?: readonly string[] | undefined;
}

/** Returns the failure of a step without time left. */
export function tooLate(limitMs: number): StepFailure {
  return { kind: "failed", verdict: "timeout", limit: { name: "wall_ms", value: limitMs } };
}

/** Rules by which a script's outcome is judged. */
export interface ScriptRules {
  /** Of its code. */
  readonly lines: number;
  readonly timeoutMs: number;
  readonly refusals: RefusalRules;
}

/** Turns a script's outcome into a step's result. */
export function fromScript(
  outcome: ScriptOutcome,
  { lines, timeoutMs, refusals }: ScriptRules,
): StepResult {
  const usage: StepUsage = { type: "script", ...outcome.usage };
  switch (outcome.kind) {
    case "ok":
      return { kind: "ok", value: measure(outcome.value), usage, standIn: false };
    case "limit":
      return {
        kind: "failed",
        verdict: outcome.limit,
        limit: limitOf(outcome.limit, timeoutMs),
        usage,
      };
    case "error":
      return {
        kind: "failed",
        verdict: "script_error",
        line: lineWithin(outcome.line, lines),
        guestMessage: `${outcome.name}: ${outcome.message}`.toWellFormed(),
        usage,
      };
    case "refused":
      return { kind: "failed", ...judgeRefusal(outcome.code, refusals), usage };
    case "crashed":
      return { kind: "failed", verdict: "crash", usage };
    case "cancelled":
      return { kind: "failed", verdict: "lost" };
  }
}

function limitOf(
  limit: Extract<ScriptOutcome, { kind: "limit" }>["limit"],
  timeoutMs: number,
): MetLimit {
  switch (limit) {
    case "timeout":
      return { name: "wall_ms", value: timeoutMs };
    case "memory":
      return { name: "memory_mb", value: LIMITS.guestMemoryMb };
    case "output_too_large":
      return { name: "output_bytes", value: LIMITS.outputBytes };
  }
}

/** A guest can forge its stack: only a line that its code has is one. */
function lineWithin(line: number | undefined, lines: number): number | undefined {
  return line !== undefined && line <= lines ? line : undefined;
}
