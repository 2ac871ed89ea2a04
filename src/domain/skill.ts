import type { JsonObject } from "../shared/json.ts";

export const TRUST_LEVELS = ["L0", "L1", "L2"] as const;
export type TrustLevel = (typeof TRUST_LEVELS)[number];

export const EXECUTION_MODES = ["open", "sealed"] as const;
export type ExecutionMode = (typeof EXECUTION_MODES)[number];

export const SKILL_STATUSES = ["active", "suspended", "unlisted", "pending_review"] as const;
export type SkillStatus = (typeof SKILL_STATUSES)[number];

/** A step as its publisher writes it. */
export type Step = LlmStep | ScriptStep;

export interface LlmStep {
  readonly type: "llm";
  readonly label?: string | undefined;
  /** `provider/model`; what follows the first slash is passed to the provider as it is. */
  readonly model: string;
  readonly system_prompt?: string | undefined;
  readonly user_message?: string | undefined;
  readonly temperature?: number | undefined;
  readonly max_tokens?: number | undefined;
}

export interface ScriptStep {
  readonly type: "script";
  readonly label?: string | undefined;
  readonly runtime: "javascript";
  /** A function body that returns a JSON value and may await. */
  readonly code: string;
}

/** What is kept of a step in clear: enough to price it and to know who can run it, nothing of what it says. */
export type PlannedStep = PlannedLlmStep | PlannedScriptStep;

export interface PlannedLlmStep {
  readonly type: "llm";
  readonly model: string;
  readonly temperature?: number | undefined;
  readonly max_tokens: number;
  /** Characters of both prompts before anything is inserted. */
  readonly prompt_chars: number;
  readonly input_references: number;
  readonly prev_references: number;
}

export interface PlannedScriptStep {
  readonly type: "script";
  readonly runtime: "javascript";
  /** Of its code: a line beyond them is no line of the publisher's. */
  readonly lines: number;
}

export interface Prompt {
  readonly system_prompt: string | undefined;
  readonly user_message: string;
}

/** Everything that makes a version what it is. Two versions with the same content have the same digest. */
export interface SkillContent {
  readonly execution_mode: ExecutionMode;
  readonly credential_mode: "none";
  readonly trust_level_required: TrustLevel;
  readonly price_per_invocation: number;
  readonly input_schema: JsonObject | boolean;
  readonly output_schema: JsonObject | boolean;
  readonly steps: readonly Step[];
}

/** The provider half of `provider/model`. */
export function providerOf(model: string): string {
  return model.slice(0, model.indexOf("/"));
}

/** Providers whose key a process needs before it can run the pipeline. */
export function providersOf(pipeline: readonly PlannedStep[]): string[] {
  return [...new Set(pipeline.flatMap((step) => (step.type === "llm" ? [providerOf(step.model)] : [])))];
}
