import * as z from "zod";
import {
  EXECUTION_MODES,
  SKILL_SORTS,
  SKILL_STATUSES,
  TRUST_LEVELS,
} from "../../src/domain/market/skill.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { cursor, limit, page, READS } from "../fields.ts";
import { skillListing } from "../views.ts";

export const browseSkills = defineOperation({
  name: "stack_browse_skills",
  title: "Browse skills",
  description:
    "Search the marketplace in your own words. Returns a page of skills with price, rating, last runs and an example; then stack_get_skill. A skill_id may be publisher/name too.",
  scope: "skills:read",
  audience: "agents",
  input: z.strictObject({
    search: z
      .string()
      .max(200)
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("Up to 8 words; plain text"),
    trust_level: z
      .enum(TRUST_LEVELS)
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("Only skills that require this level"),
    tags: z
      .array(z.string().max(LIMITS.tagChars))
      .max(LIMITS.tags)
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("All of these"),
    execution_mode: z.enum(EXECUTION_MODES).optional().meta(ABSENT_IS_LESS),
    max_price_cents: z.int().min(0).max(LIMITS.priceCents).optional().meta(ABSENT_IS_LESS),
    free: z
      .boolean()
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("true: only free ones, false: only paid ones"),
    sort: z
      .enum(SKILL_SORTS)
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("Default: relevance with a search, else newest"),
    status: z
      .enum(SKILL_STATUSES)
      .default("active")
      .describe("Other than active: only your own skills"),
    limit,
    offset: z.int().min(0).max(10_000).optional().meta(ABSENT_IS_LESS),
    cursor,
  }),
  output: page(skillListing).extend({ note: z.string().optional() }),
  idempotency: "none",
  toolset: "core",
  mcp: READS,
  rest: { method: "GET", path: "/v1/skills", status: 200 },
  example: { search: "invoice", limit: 5 },
  handle: (input, { caller, services }) => services.listings.browse(caller, input),
});
