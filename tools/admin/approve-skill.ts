import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { digest, skillId, WRITES } from "../fields.ts";
import { skillSummary } from "../views.ts";

export const approveSkill = defineOperation({
  name: "stack_approve_skill",
  title: "Approve a skill",
  description:
    "Approve the current version of a skill that waits for review. For admins only. stack_list_pending_reviews lists the skills that wait.",
  scope: "admin",
  input: z.strictObject({ skill_id: skillId, digest }),
  output: skillSummary,
  idempotency: "none",
  toolset: "admin",
  mcp: WRITES,
  command: "review approve",
  rest: { method: "POST", path: "/v1/skills/:skill_id/approve", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) =>
    services.status.approve(caller, input.skill_id, input.digest),
});
