import * as z from "zod";
import { TRUST_LEVELS } from "../../src/domain/market/skill.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { READS, skillId } from "../fields.ts";

export const checkTrustLevel = defineOperation({
  name: "stack_check_trust_level",
  title: "Check trust level",
  description:
    "Check whether your trust level allows a skill. Your own active claims are judged, or passport_claims in their place. stack_quote_skill includes this check.",
  scope: "skills:read",
  audience: "agents",
  input: z.strictObject({
    skill_id: skillId,
    passport_claims: z
      .array(
        z.strictObject({
          claim_type: z.string().max(64),
          assurance_level: z.string().max(32).optional().meta(ABSENT_IS_LESS),
        }),
      )
      .max(20)
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("Claims to judge instead of your own"),
  }),
  output: z.object({
    allowed: z.boolean(),
    required_level: z.enum(TRUST_LEVELS),
    your_level: z.enum(TRUST_LEVELS),
    evaluation: z.string(),
  }),
  idempotency: "none",
  toolset: "core",
  mcp: READS,
  rest: { method: "POST", path: "/v1/skills/:skill_id/check-trust", status: 200 },
  example: {
    skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx",
    passport_claims: [{ claim_type: "verified_human" }],
  },
  handle: (input, { caller, services }) =>
    services.skills.checkTrust(caller, input.skill_id, input.passport_claims),
});
