import semver from "semver";
import * as z from "zod";
import {
  CREDENTIAL_MODES,
  EXECUTION_MODES,
  REVIEW_MODES,
  RUNTIMES,
  TRUST_LEVELS,
} from "../../src/domain/market/skill.ts";
import {
  ABSENT_IS_LESS,
  ABSENT_IS_MORE,
  COPIED,
  UNSHOWN,
} from "../../src/operations/field-marks.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { hostPattern, idOf, json, jsonObject, jsonSchema, shown, shownJson } from "../fields.ts";

/**
 * The fields of a skill as its publisher writes it, without defaults: an update leaves out what
 * stays.
 */

const label = shown(z.string().min(1).max(LIMITS.labelChars)).optional().meta(ABSENT_IS_LESS);
const prompt = z.string().max(LIMITS.promptChars).optional().meta(ABSENT_IS_LESS);

const llmStep = z.strictObject({
  type: z.literal("llm"),
  label,
  model: z
    .string()
    .max(128)
    .regex(/^[a-z0-9-]+\/\S+$/, "must be provider/model, for example openai/gpt-4o-mini")
    .meta(COPIED)
    .describe("provider/model"),
  system_prompt: prompt.describe("May refer to $INPUT and $PREV"),
  user_message: prompt.describe("Default: $PREV, in a first step $INPUT"),
  temperature: z.number().min(0).max(2).optional().meta(ABSENT_IS_LESS),
  max_tokens: z
    .int()
    .min(1)
    .max(LIMITS.llmMaxTokensCap)
    .optional()
    .meta(ABSENT_IS_LESS)
    .describe(`Default ${LIMITS.llmMaxTokens}`),
  allow_cut: z.boolean().optional().meta(ABSENT_IS_LESS).describe("Accept a cut text"),
  json: z.boolean().optional().meta(ABSENT_IS_LESS).describe("Return the JSON in the answer"),
});

const scriptStep = z.strictObject({
  type: z.literal("script"),
  label,
  runtime: z.enum(RUNTIMES, { error: 'must be "javascript" or "python"' }),
  code: z
    .string()
    .min(1)
    .max(LIMITS.codeChars)
    .describe(
      "Body of an async function: reads $INPUT, $PREV (Python: input, prev), returns JSON; await proxy_fetch(url, {method, headers, query, body, service})",
    ),
});

const requiredCredential = z.strictObject({
  provider: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[a-z0-9][a-z0-9._-]*$/, "must be a provider slug, for example slack")
    .meta(COPIED)
    .describe("Slug"),
  scopes: z.array(z.string().min(1).max(128).meta(COPIED)).max(32).default([]),
  provided_by: z.enum(["buyer", "seller"]).optional().meta(ABSENT_IS_LESS),
  cost_cents_per_call: z.int().min(0).max(LIMITS.priceCents).optional().meta(ABSENT_IS_LESS),
});

export const draft = {
  description: shown(z.string().min(1).max(LIMITS.descriptionChars)),
  version: z
    .string()
    .max(64)
    .refine((text) => semver.valid(text) === text, "must be a semantic version, for example 1.0.0")
    .describe("Semantic version"),
  input_schema: jsonSchema,
  output_schema: jsonSchema,
  trust_level_required: z
    .enum(TRUST_LEVELS)
    .describe("L0 anyone, L1 verified human, L2 verified identity"),
  price_per_invocation: z
    .int()
    .min(0)
    .max(LIMITS.priceCents)
    .describe("US cents, without compute; 0 is free"),
  tags: z.array(shown(z.string().min(1).max(LIMITS.tagChars))).max(LIMITS.tags),
  example_input: shownJson(jsonObject).describe("For buyers; fits input_schema"),
  example_output: shownJson(json),
  execution_mode: z.enum(EXECUTION_MODES, { error: 'must be "open", "sealed" or "source"' }),
  execution_steps: z
    .array(z.discriminatedUnion("type", [llmStep, scriptStep]))
    .min(1)
    .max(LIMITS.steps)
    .describe("Steps of a sealed or source skill"),
  credential_mode: z.enum(CREDENTIAL_MODES),
  required_credentials: z.array(requiredCredential).max(16),
  seller_credential_limit: z.strictObject({
    max_calls: z.int().min(0).max(1_000_000).optional().meta(ABSENT_IS_MORE),
    max_cost_cents: z.int().min(0).max(LIMITS.priceCents).optional().meta(ABSENT_IS_MORE),
  }),
  egress: z.strictObject({
    hosts: z
      .array(hostPattern.or(z.literal("*")))
      .max(32)
      .describe("Hosts its scripts may call"),
  }),
  volatile: z.boolean().describe("Output varies over time"),
  refusals: z
    .record(
      z
        .string()
        .max(LIMITS.refusalCodeChars)
        .regex(/^[a-z][a-z0-9_-]*$/, "must begin with a-z and be of a-z, 0-9, _ and -"),
      shown(z.string().min(1).max(LIMITS.refusalChars)),
    )
    .describe("Code: sentence, for fail(code)"),
  invocation_ttl_seconds: z
    .int()
    .min(LIMITS.invocationTtlSeconds.min)
    .max(LIMITS.invocationTtlSeconds.max)
    .describe("How long an invocation may wait"),
  accepts_requests: z.boolean().describe("The request board may suggest it"),
  review: z.enum(REVIEW_MODES).describe("manual: an admin reads and approves it first"),
  agent_id: idOf("agt").describe("Agent that provides it"),
} as const;

/** The fields of `stack_publish_skill` beside the name. */
export const publishable = {
  ...draft,
  version: draft.version.default("1.0.0"),
  trust_level_required: draft.trust_level_required.default("L0").meta(ABSENT_IS_MORE),
  price_per_invocation: draft.price_per_invocation.default(0).meta(ABSENT_IS_MORE),
  tags: draft.tags.default([]),
  example_input: draft.example_input.optional().meta(ABSENT_IS_LESS),
  example_output: draft.example_output.optional().meta(ABSENT_IS_LESS),
  execution_mode: draft.execution_mode.default("open").describe("With steps: sealed"),
  execution_steps: draft.execution_steps.optional().meta(ABSENT_IS_LESS),
  credential_mode: draft.credential_mode.default("none"),
  required_credentials: draft.required_credentials.optional().meta(ABSENT_IS_LESS),
  // Without it the steps and the prices of their calls are the bound.
  seller_credential_limit: draft.seller_credential_limit
    .optional()
    .meta({ ...ABSENT_IS_LESS, ...UNSHOWN }),
  egress: draft.egress.optional().meta(ABSENT_IS_LESS),
  volatile: draft.volatile.default(false),
  refusals: draft.refusals.optional().meta(ABSENT_IS_LESS),
  invocation_ttl_seconds: draft.invocation_ttl_seconds.default(LIMITS.invocationTtlSeconds.default),
  accepts_requests: draft.accepts_requests.default(true).meta(UNSHOWN),
  review: draft.review.default("auto"),
  agent_id: draft.agent_id.optional().meta({ ...ABSENT_IS_LESS, ...UNSHOWN }),
} as const;

export const skillName = z
  .string()
  .min(LIMITS.nameChars.min)
  .max(LIMITS.nameChars.max)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "must be a slug: a-z, 0-9 and single inner hyphens")
  .describe("Slug (a-z, 0-9, -), unique among your skills");
