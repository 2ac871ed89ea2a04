import * as z from "zod";
import { EXECUTION_MODES, TRUST_LEVELS } from "../../src/domain/market/skill.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { cursor, limit, page, READS, skillId } from "../fields.ts";

export const listSkillVersions = defineOperation({
  name: "stack_list_skill_versions",
  title: "List versions of a skill",
  description:
    "The immutable versions of a skill, newest first, with digest and price. Pin one by giving its version or digest to stack_quote_skill and stack_invoke_skill.",
  scope: "skills:read",
  audience: "agents",
  input: z.strictObject({ skill_id: skillId, limit, cursor }),
  output: page(
    z.object({
      id: z.string(),
      version: z.string(),
      digest: z.string(),
      execution_mode: z.enum(EXECUTION_MODES),
      trust_level_required: z.enum(TRUST_LEVELS),
      price_per_invocation: z.number(),
      credential_mode: z.string(),
      current: z.boolean(),
      created_at: z.string(),
    }),
  ),
  idempotency: "none",
  toolset: "publish",
  mcp: READS,
  rest: { method: "GET", path: "/v1/skills/:skill_id/versions", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) =>
    services.skills.listVersions(caller, input.skill_id, input),
});
