import type { SealedPackage } from "../../../../storage/repositories/sealed-blobs.ts";
import type { Refusal, RefusalRules } from "../../../domain/market/refusal.ts";
import type { PlannedStep, Prompt } from "../../../domain/market/skill.ts";
import type { FailureReason, MetLimit } from "../../../domain/runs/invocation.ts";
import type { RunUsage } from "../../../domain/runs/metering.ts";
import type { JsonObject } from "../../../shared/json.ts";
import type { Measured } from "../../../shared/payload.ts";
import type { RunEgress } from "../../egress/run-egress.ts";
import type { StepResult } from "./step-result.ts";

/**
 * The texts of the steps. Each is opened at the moment it is needed, a script only in its child.
 */
export interface StepTexts {
  script(index: number): Promise<SealedPackage>;
  prompt(index: number): Promise<Prompt>;
}

/** The end of one step. */
export interface StepTrace {
  /** Counted from 1. */
  readonly step: number;
  readonly result: StepResult;
}

export interface PipelineRun {
  readonly texts: StepTexts;
  readonly pipeline: readonly PlannedStep[];
  readonly input: Measured;
  readonly outputSchema: JsonObject | boolean;
  readonly refusals: RefusalRules;
  /** The way of the steps to anything outside. */
  readonly egress: RunEgress;
  readonly signal: AbortSignal;
  /** True where its author tries it: what its scripts print comes back. */
  readonly traced?: boolean;
  /** Called before each step, counted from 1. */
  readonly onStep: (step: number, of: number) => void;
  readonly onStepEnd?: (trace: StepTrace) => void;
}

export type PipelineResult =
  | {
      readonly kind: "ok";
      readonly output: Measured;
      readonly computeMicroUsd: number;
      /** Cost of what was called with the publisher's credentials. */
      readonly serviceCents: number;
      readonly usage: RunUsage;
      /** The layers around the sandbox; undefined when no script ran. */
      readonly isolation: string | undefined;
      readonly standIn: boolean;
    }
  | {
      readonly kind: "failed";
      readonly verdict: FailureReason;
      readonly step: number;
      readonly line: number | undefined;
      /** The bound that the step met. */
      readonly limit?: MetLimit | undefined;
      readonly usage?: RunUsage | undefined;
      readonly isolation?: string | undefined;
      /**
       * The guest's message of its failure. It may carry anybody's data: for source skills and
       * drafts alone.
       */
      readonly guestMessage?: string | undefined;
      readonly refusal?: Refusal | undefined;
      /** Our own sentence on it: for its publisher and its author. */
      readonly cause?: string | undefined;
      /** Undefined when nobody knows, because the run was given up. */
      readonly computeMicroUsd: number | undefined;
      readonly standIn: boolean;
    };
