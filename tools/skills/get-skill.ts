import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { READS, skillId } from "../fields.ts";
import { skillDetail } from "../views.ts";

export const getSkill = defineOperation({
  name: "stack_get_skill",
  title: "Get a skill",
  description:
    "Everything a buyer may know of a skill: schemas, price in cents, trust level, version and digest; the steps of a source skill and of your own. Read input_schema before stack_invoke_skill.",
  scope: "skills:read",
  audience: "agents",
  input: z.strictObject({
    skill_id: skillId,
    step: z
      .int()
      .min(1)
      .max(LIMITS.steps)
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("Show this step in full"),
  }),
  output: skillDetail,
  idempotency: "none",
  toolset: "core",
  resource: {
    name: "skills",
    path: "skills",
    idField: "skill_id",
    title: "Skill",
    description: "A skill as stack_get_skill shows it",
  },
  mcp: READS,
  command: "skill show",
  rest: { method: "GET", path: "/v1/skills/:skill_id", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.skills.get(caller, input.skill_id, input),
});
