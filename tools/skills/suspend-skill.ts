import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { IDEMPOTENT, ownSkillId } from "../fields.ts";
import { skillSummary } from "../views.ts";

export const suspendSkill = defineOperation({
  name: "stack_suspend_skill",
  title: "Suspend a skill",
  description:
    "Take a skill of yours off the market: nobody can invoke it until stack_activate_skill. Running invocations continue to their end.",
  scope: "skills:publish",
  input: z.strictObject({ skill_id: ownSkillId }),
  output: skillSummary,
  idempotency: "none",
  toolset: "publish",
  mcp: IDEMPOTENT,
  rest: { method: "POST", path: "/v1/skills/:skill_id/suspend", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.status.suspend(caller, input.skill_id),
});
