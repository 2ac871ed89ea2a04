import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { digest, shown, skillId, WRITES } from "../fields.ts";
import { skillSummary } from "../views.ts";

export const rejectSkill = defineOperation({
  name: "stack_reject_skill",
  title: "Reject a skill",
  description:
    "Reject a skill that waits for review: the skill is suspended, and its publisher reads your reason. For admins only.",
  scope: "admin",
  input: z.strictObject({
    skill_id: skillId,
    digest,
    reason: shown(z.string().min(1).max(500))
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("For the publisher"),
  }),
  output: skillSummary,
  idempotency: "none",
  toolset: "admin",
  mcp: WRITES,
  command: "review reject",
  rest: { method: "POST", path: "/v1/skills/:skill_id/reject", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx", reason: "Insufficient documentation" },
  handle: (input, { caller, services }) => services.status.reject(caller, input.skill_id, input),
});
