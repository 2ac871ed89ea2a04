import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { IDEMPOTENT, ownSkillId } from "../fields.ts";
import { skillSummary } from "../views.ts";

export const activateSkill = defineOperation({
  name: "stack_activate_skill",
  title: "Activate a skill",
  description:
    "Put a suspended or unlisted skill of yours on offer again. If the skill has reviews, a version that is not approved goes to the review queue first.",
  scope: "skills:publish",
  input: z.strictObject({ skill_id: ownSkillId }),
  output: skillSummary,
  idempotency: "none",
  toolset: "publish",
  mcp: IDEMPOTENT,
  command: "skill activate",
  rest: { method: "POST", path: "/v1/skills/:skill_id/activate", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.status.activate(caller, input.skill_id),
});
