import type { JsonObject } from "../../shared/json.ts";
import type { Refusals } from "./refusal.ts";

export const TRUST_LEVELS = ["L0", "L1", "L2"] as const;
export type TrustLevel = (typeof TRUST_LEVELS)[number];

export const EXECUTION_MODES = ["open", "sealed", "source"] as const;
export type ExecutionMode = (typeof EXECUTION_MODES)[number];

export const CREDENTIAL_MODES = ["none", "buyer_provides", "seller_provides", "both"] as const;
export type CredentialMode = (typeof CREDENTIAL_MODES)[number];

export const RUNTIMES = ["javascript", "python"] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** `manual`: an admin looks at each version before others can invoke it. */
export const REVIEW_MODES = ["auto", "manual"] as const;
export type ReviewMode = (typeof REVIEW_MODES)[number];

export const SKILL_SORTS = ["relevance", "rating", "invocations", "price", "newest"] as const;
export type SkillSort = (typeof SKILL_SORTS)[number];

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
  /** True: a text that the model cut at `max_tokens` counts as an answer. */
  readonly allow_cut?: boolean | undefined;
  /** True: the step's value is the JSON in the answer, and not its text. */
  readonly json?: boolean | undefined;
}

export interface ScriptStep {
  readonly type: "script";
  readonly label?: string | undefined;
  readonly runtime: Runtime;
  /**
   * A function body that returns a JSON value and may await; in Python also `def main(input,
   * prev)`.
   */
  readonly code: string;
}

/**
 * The part of a step that is kept in clear: enough to price it and to know who can run it, nothing
 * of its text.
 */
export type PlannedStep = PlannedLlmStep | PlannedScriptStep;

export interface PlannedLlmStep {
  readonly type: "llm";
  readonly label?: string | undefined;
  readonly model: string;
  readonly temperature?: number | undefined;
  readonly max_tokens: number;
  /** Left out: a cut text is no answer. */
  readonly allow_cut?: true | undefined;
  readonly json?: true | undefined;
  /** Characters of both prompts before anything is inserted. */
  readonly prompt_chars: number;
  readonly input_references: number;
  readonly prev_references: number;
}

export interface PlannedScriptStep {
  readonly type: "script";
  readonly label?: string | undefined;
  readonly runtime: Runtime;
  /** Of its code: a line beyond them is no line of the publisher's. */
  readonly lines: number;
}

export interface Prompt {
  readonly system_prompt: string | undefined;
  readonly user_message: string;
}

/** A service that the steps call with somebody's credential. */
export interface RequiredCredential {
  readonly provider: string;
  readonly scopes: readonly string[];
  /** The owner of the credential; stated when the mode is `both`. */
  readonly provided_by?: "buyer" | "seller" | undefined;
  /** The price of a call with the seller's credential to the buyer, before 15 %. */
  readonly cost_cents_per_call?: number | undefined;
}

export interface SellerCredentialLimit {
  readonly max_calls?: number | undefined;
  readonly max_cost_cents?: number | undefined;
}

/**
 * Everything that makes a version what it is. Two versions with the same content have the same
 * digest.
 */
export interface SkillContent {
  readonly execution_mode: ExecutionMode;
  readonly credential_mode: CredentialMode;
  readonly trust_level_required: TrustLevel;
  readonly price_per_invocation: number;
  readonly input_schema: JsonObject | boolean;
  readonly output_schema: JsonObject | boolean;
  readonly steps: readonly Step[];
  /** These five are left out when nothing is asked for. */
  readonly required_credentials?: readonly RequiredCredential[] | undefined;
  readonly seller_credential_limit?: SellerCredentialLimit | undefined;
  readonly egress?: { readonly hosts: readonly string[] } | undefined;
  readonly volatile?: true | undefined;
  readonly refusals?: Refusals | undefined;
}

/** Sealed and source skills are run by the server, open ones by their provider. */
export function isRunHere(mode: ExecutionMode): boolean {
  return mode !== "open";
}

/** The names of an object schema's properties. */
export function fieldsOf(schema: JsonObject | boolean): string[] {
  const properties = typeof schema === "boolean" ? undefined : schema.properties;
  return typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
}

/** The provider half of `provider/model`. */
export function providerOf(model: string): string {
  return model.slice(0, model.indexOf("/"));
}

/** Providers that the model steps of a pipeline call. */
export function providersOf(pipeline: readonly PlannedStep[]): string[] {
  return [
    ...new Set(pipeline.flatMap((step) => (step.type === "llm" ? [providerOf(step.model)] : []))),
  ];
}
