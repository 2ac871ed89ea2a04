import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { IDEMPOTENT, invocationId, skillId } from "../fields.ts";

export const rateSkill = defineOperation({
  name: "stack_rate_skill",
  title: "Rate a skill",
  description:
    "Rate a skill from 1 to 5 after an invocation of yours completed. One rating per operator and version; a later one replaces it. Returns the skill's new average.",
  scope: "skills:invoke",
  input: z.strictObject({
    skill_id: skillId,
    rating: z.int().min(1).max(5),
    invocation_id: invocationId
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("Default: your last completed one"),
  }),
  output: z.object({
    skill_id: z.string(),
    version: z.string(),
    rating: z.number(),
    average_rating: z.number().nullable(),
    rating_count: z.number(),
  }),
  idempotency: "none",
  toolset: "core",
  mcp: IDEMPOTENT,
  rest: { method: "POST", path: "/v1/skills/:skill_id/rate", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx", rating: 5 },
  handle: (input, { caller, services }) => services.ratings.rate(caller, input),
});
