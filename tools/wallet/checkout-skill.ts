import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { skillId, WRITES } from "../fields.ts";

export const checkoutSkill = defineOperation({
  name: "stack_checkout_skill",
  title: "Check out a skill",
  description:
    "The older way to pay for one skill: a page that tops up your wallet. Refused for a free skill, and where no page is served; stack_topup is the newer way.",
  scope: "wallet:write",
  input: z.strictObject({ skill_id: skillId }),
  output: z.object({
    checkout_url: z.string(),
    plan_id: z.string(),
    price_per_invocation: z.number(),
  }),
  idempotency: "none",
  toolset: "wallet",
  mcp: { ...WRITES, openWorldHint: true },
  rest: { method: "POST", path: "/v1/skills/:skill_id/checkout", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.skillCredits.checkout(caller, input.skill_id),
});
