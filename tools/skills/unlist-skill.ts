import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { IDEMPOTENT, ownSkillId } from "../fields.ts";
import { skillSummary } from "../views.ts";

export const unlistSkill = defineOperation({
  name: "stack_unlist_skill",
  title: "Unlist a skill",
  description:
    "Take a skill of yours out of the listing: a buyer who knows its id can still invoke it. stack_activate_skill lists it again.",
  scope: "skills:publish",
  input: z.strictObject({ skill_id: ownSkillId }),
  output: skillSummary,
  idempotency: "none",
  toolset: "publish",
  mcp: IDEMPOTENT,
  command: "skill unlist",
  rest: { method: "POST", path: "/v1/skills/:skill_id/unlist", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.status.unlist(caller, input.skill_id),
});
