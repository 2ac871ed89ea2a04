import * as z from "zod";
import { hiddenJsonProblem, hiddenTextProblem } from "../src/domain/hidden-text.ts";
import { isLocalHost } from "../src/domain/hosts.ts";
import { INVOCATION_STATUSES } from "../src/domain/invocation.ts";
import { EXECUTION_MODES, REVIEW_MODES, SKILL_STATUSES, TRUST_LEVELS } from "../src/domain/skill.ts";
import {
  ABSENT_IS_LESS,
  ABSENT_IS_MORE,
  ABSENT_STAYS,
  COPIED,
  CUT,
  FIELD_MARKS,
} from "../src/operations/field-marks.ts";
import type { IdPrefix } from "../src/shared/ids.ts";
import type { Json } from "../src/shared/json.ts";
import { LIMITS } from "../src/shared/limits.ts";

/** Fields that several operations share, so that they are described and bounded in one way. */

/**
 * A field that names a thing by its id: `idOf("skl", "a skill of yours")`. test/security/tenants.test.ts finds every such
 * field and tries it with ids of other operators.
 */
export function idOf(prefix: IdPrefix, what?: string): z.ZodString {
  // A skill is also named as publisher/name, or by its name alone where that is enough.
  const field = naming(prefix, z.string().max(prefix === "skl" ? LIMITS.skillNameChars : 64));
  return what === undefined ? field : field.describe(`Id of ${what}, ${prefix}_…`);
}

/** The same for text that may have another form than our ids. */
export function naming(prefix: IdPrefix, field: z.ZodString): z.ZodString {
  return field.meta({ [FIELD_MARKS.names]: prefix });
}

/** A text that others are shown: it hides nothing from them. */
export function shown(field: z.ZodString): z.ZodString {
  return field.refine((text) => hiddenTextProblem(text) === undefined, {
    error: ({ input }) => hiddenTextProblem(String(input)),
  });
}

/** A field that is named like an id and looks nothing up. `why` is for whoever reads the code. */
export function notAnId<Field extends z.ZodType>(field: Field, _why: string): Field {
  return field.meta({ [FIELD_MARKS.names]: "nothing" });
}

type Optional<Shape extends z.ZodRawShape> = { [Field in keyof Shape]: z.ZodOptional<Shape[Field]> };

/** The fields of a change: what is left out stays as it is. */
export function staying<const Shape extends z.ZodRawShape>(shape: Shape): Optional<Shape> {
  return optional(shape, ABSENT_STAYS);
}

/** Fields that each set a bound: what is left out sets none. */
export function unbounded<const Shape extends z.ZodRawShape>(shape: Shape): Optional<Shape> {
  return optional(shape, ABSENT_IS_MORE);
}

function optional<Shape extends z.ZodRawShape>(shape: Shape, mark: Readonly<Record<string, string>>) {
  const fields = Object.entries(shape).map(([name, field]) => [name, (field as z.ZodType).optional().meta(mark)]);
  return Object.fromEntries(fields) as Optional<Shape>;
}

/** A bound of what may be spent. */
export const boundCents = z.int().min(0).max(1_000_000_000);

export const skillId = idOf("skl").describe("skl_…");
export const ownSkillId = idOf("skl", "a skill of yours");
export const invocationId = idOf("sinv").describe("sinv_…");

export const limit = z
  .int()
  .min(LIMITS.page.min)
  .max(LIMITS.page.max)
  .default(LIMITS.page.default)
  .describe("Items a page");
export const cursor = z
  .string()
  .max(64)
  .optional()
  .meta({ ...ABSENT_IS_LESS, ...COPIED })
  .describe("next_cursor of the page before");

export function waitMs(defaultMs: number) {
  return z
    .int()
    .min(0)
    .max(LIMITS.waitMs.max)
    .default(defaultMs)
    .meta(CUT)
    .describe("How long to wait for the end, in ms");
}

/** Says which version was read, so that a newer one is not meant by mistake. */
export const digest = z
  .string()
  .max(80)
  .optional()
  .meta({ ...ABSENT_IS_MORE, ...COPIED })
  .describe("Of the version you read");

/** A pin to one immutable version. Without one the skill is bought as it is offered, within the same bounds. */
export const pin = {
  version: z
    .string()
    .max(64)
    .optional()
    .meta({ ...ABSENT_IS_LESS, ...COPIED })
    .describe("Pin this version"),
  digest: z
    .string()
    .max(80)
    .optional()
    .meta({ ...ABSENT_IS_LESS, ...COPIED })
    .describe("Pin this content"),
} as const;

export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_cursor: z.string().optional() });
}

const HOST = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A host name, or all below one. This machine's own names stand for the ports that STACK_EGRESS_ALLOW_LOCAL opens. */
export const hostPattern = z
  .string()
  .max(253)
  .refine(
    (text) => HOST.test(text) || isLocalHost(text),
    "must be a host name in lower case, such as api.example.com, or *.example.com; egress.hosts takes * for any public host too",
  )
  .meta(COPIED);

/** Any JSON value: what came over a wire or out of storage is nothing else. */
export const json = z.unknown() as z.ZodType<Json | undefined>;
export const jsonObject = z.record(z.string(), json);

export const jsonSchema = z
  .union([jsonObject, z.boolean()])
  .refine((schema) => hiddenJsonProblem(schema) === undefined, {
    error: ({ input }) => hiddenJsonProblem(input as Json),
  })
  .meta({ [FIELD_MARKS.holds]: "schema" })
  .describe("JSON Schema; local $ref only");

export const skillSummary = {
  id: z.string(),
  name: z.string(),
  description: z.string(),
  version: z.string(),
  status: z.enum(SKILL_STATUSES),
  execution_mode: z.enum(EXECUTION_MODES),
  trust_level_required: z.enum(TRUST_LEVELS),
  price_per_invocation: z.number().describe("US cents; sealed skills cost compute on top"),
  tags: z.array(z.string()).readonly(),
  publisher_id: z.string(),
  average_rating: z.number().nullable(),
  rating_count: z.number(),
  invocation_count: z.number(),
  example_input: z.unknown().optional().describe("An input that fits"),
};

/** The same for whoever chooses. */
export const skillListing = {
  ...skillSummary,
  publisher: z.string(),
  recent_runs: z
    .object({
      runs: z.number(),
      buyers: z.number(),
      success_rate: z.number(),
      median_ms: z.number().optional(),
    })
    .optional()
    .describe("The last 50 of others"),
  provider_seen_at: z.string().optional(),
  not_to_be_taken_for: z.array(z.string()).optional().describe("Others with nearly its name"),
};

/** A step as those may read it who may; of a long one only how long it is. */
const shownStep = z.object({
  type: z.enum(["llm", "script"]),
  label: z.string().optional(),
  runtime: z.string().optional(),
  code: z.string().optional(),
  code_chars: z.number().optional(),
  model: z.string().optional(),
  system_prompt: z.string().optional(),
  user_message: z.string().optional(),
  prompt_chars: z.number().optional(),
  temperature: z.number().optional(),
  max_tokens: z.number().optional(),
  allow_cut: z.boolean().optional(),
  json: z.boolean().optional(),
});

export const skillDetail = z.object({
  ...skillListing,
  digest: z.string(),
  credential_mode: z.string(),
  input_schema: z.unknown(),
  output_schema: z.unknown(),
  example_output: z.unknown().optional(),
  invocation_ttl_seconds: z.number(),
  required_credentials: z
    .array(
      z.object({
        provider: z.string(),
        scopes: z.array(z.string()).readonly(),
        provided_by: z.enum(["buyer", "seller"]).optional(),
        cost_cents_per_call: z.number().optional(),
        hosts: z.array(z.string()).readonly().optional(),
      }),
    )
    .readonly(),
  seller_credential_limit: z
    .object({ max_calls: z.number().optional(), max_cost_cents: z.number().optional() })
    .optional(),
  egress: z.object({ hosts: z.array(z.string()).readonly() }),
  volatile: z.boolean().optional(),
  refusals: z.record(z.string(), z.string()).optional(),
  accepts_requests: z.boolean(),
  execution_steps: z.array(shownStep).readonly().optional(),
  review: z.enum(REVIEW_MODES).optional(),
  min_version: z.string().optional(),
  rejection_reason: z.string().optional(),
  is_favorite: z.boolean(),
  agent_id: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});

/** JSON that others are shown: it hides nothing from them. */
export function shownJson<Field extends z.ZodType>(field: Field): Field {
  return field.refine((value) => hiddenJsonProblem(value as Json) === undefined, {
    error: ({ input }) => hiddenJsonProblem(input as Json),
  });
}

/** With what its publisher may not have meant. */
export const publishedSkill = skillDetail.extend({ warnings: z.array(z.string()).readonly().optional() });

/** A refusal that a skill's version declares, in its publisher's words. */
export const refusal = z.object({ code: z.string(), sentence: z.string() });

export const invocation = z.object({
  id: z.string(),
  skill_id: z.string(),
  version: z.string(),
  digest: z.string(),
  status: z.enum(INVOCATION_STATUSES),
  agent_id: z.string().optional(),
  passport_id: z.string().optional(),
  approval: z.object({ url: z.string().optional(), expires_at: z.string() }).optional(),
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      limit: z.object({ name: z.string(), value: z.number().optional() }).optional(),
      step: z.number().optional(),
      line: z.number().optional(),
      reason: z.string().optional(),
      details: z.object({ refusal }).optional(),
    })
    .optional(),
  progress: z.number().optional(),
  progress_note: z.string().optional(),
  price_cents: z.number().optional(),
  reserve_cents: z.number().optional(),
  cost_cents: z.number().optional(),
  compute_cost_cents: z.number().optional(),
  charged_cents: z.number().optional(),
  held_cents: z.number().optional(),
  charge_note: z.string().optional(),
  service_cost_cents: z.number().optional(),
  usage: z
    .object({
      wall_ms: z.number(),
      cpu_ms: z.number(),
      peak_mb: z.number(),
      fetch_calls: z.number(),
      input_tokens: z.number(),
      output_tokens: z.number(),
    })
    .optional(),
  earned_cents: z.number().optional(),
  commission_cents: z.number().optional(),
  stand_in: z.boolean().optional(),
  note: z.string().optional(),
  created_at: z.string(),
  started_at: z.string().optional(),
  completed_at: z.string().optional(),
  lease_expires_at: z.string().optional(),
  expires_at: z.string(),
  erased_at: z.string().optional(),
  poll_after_ms: z.number().optional(),
});

/** Hints of the usual kinds of operation. */
export const READS = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;
export const WRITES = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
} as const;
/** Doing it again changes nothing more. */
export const IDEMPOTENT = { ...WRITES, idempotentHint: true } as const;
/** Undoes what cannot be had back without doing it again. */
export const CANCELS = { ...IDEMPOTENT, destructiveHint: true } as const;
