import * as z from "zod";
import {
  EXECUTION_MODES,
  REVIEW_MODES,
  SKILL_STATUSES,
  TRUST_LEVELS,
} from "../src/domain/market/skill.ts";
import { INVOCATION_STATUSES } from "../src/domain/runs/invocation.ts";
import { shapeNamed } from "../src/operations/field-marks.ts";

/** Results that several operations give: skills and invocations, as callers are shown them. */

const summaryFields = {
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

export const skillSummary = z.object(summaryFields).meta(shapeNamed("SkillSummary"));

const listingFields = {
  ...summaryFields,
  publisher: z.string(),
  recent_runs: z
    .object({
      runs: z.number(),
      buyers: z.number(),
      success_rate: z.number(),
      median_ms: z.number().optional(),
    })
    .optional()
    .describe("Last 50 runs by others"),
  provider_seen_at: z.string().optional(),
  not_to_be_taken_for: z.array(z.string()).optional().describe("Other skills with nearly its name"),
};

/** A skill as a listing shows it. */
export const skillListing = z.object(listingFields).meta(shapeNamed("SkillListing"));

/** A step as its readers are shown it; a long step shows only its length. */
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

const detail = z.object({
  ...listingFields,
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

export const skillDetail = detail.meta(shapeNamed("Skill"));

/** A published skill with warnings about likely mistakes of its publisher. */
export const publishedSkill = detail
  .extend({ warnings: z.array(z.string()).readonly().optional() })
  .meta(shapeNamed("PublishedSkill"));

/** A refusal that a skill's version declares, in its publisher's words. */
export const refusal = z
  .object({ code: z.string(), sentence: z.string() })
  .meta(shapeNamed("Refusal"));

const run = z.object({
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

export const invocation = run.meta(shapeNamed("Invocation"));

/** Parts of a skill that changed since the caller last got a result of it. */
export const purchaseChange = z
  .object({
    changed: z.array(z.enum(["price", "input_schema", "output_schema"])).readonly(),
    last_version: z.string(),
    last_price_cents: z.number(),
    last_bought_at: z.string(),
  })
  .meta({
    description: "What changed since you last got a result of this skill",
    ...shapeNamed("PurchaseChange"),
  });
