import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { READS, skillId } from "../fields.ts";

export const getSkillRatings = defineOperation({
  name: "stack_get_skill_ratings",
  title: "Get ratings of a skill",
  description:
    "Ratings of a skill: the average (one vote per operator; for a priced skill, paying buyers only), the number of ratings by stars, and the average of each version.",
  scope: "skills:read",
  audience: "agents",
  input: z.strictObject({ skill_id: skillId }),
  output: z.object({
    skill_id: z.string(),
    average_rating: z.number().nullable(),
    rating_count: z.number(),
    invocation_count: z.number(),
    counted: z.string(),
    distribution: z.record(z.string(), z.number()),
    versions: z.array(
      z.object({ version: z.string(), average_rating: z.number(), rating_count: z.number() }),
    ),
    your_rating: z.number().optional(),
  }),
  idempotency: "none",
  toolset: "market",
  mcp: READS,
  rest: { method: "GET", path: "/v1/skills/:skill_id/ratings", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.ratings.summary(caller, input.skill_id),
});
