import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { notAnId, READS, skillId } from "../fields.ts";

export const getSkillBalance = defineOperation({
  name: "stack_get_skill_balance",
  title: "Get the balance for a skill",
  description:
    "The older way to ask what you can still buy of one skill: your wallet in cents, and how many invocations it covers before compute. stack_quote_skill shows more.",
  scope: "wallet:read",
  input: z.strictObject({
    skill_id: skillId,
    payment_token: notAnId(z.string().max(256), "a buyer is known by its key")
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("Accepted and not used"),
  }),
  output: z.object({
    free: z.boolean(),
    balance: z.string().nullable(),
    price_per_invocation: z.number(),
    plan_id: z.string().optional(),
    invocations_remaining: z.number().optional(),
    purchase_url: z.string().optional().describe("Where a person can pay"),
  }),
  idempotency: "none",
  headers: { payment_token: "X-Payment-Token" },
  toolset: "wallet",
  mcp: READS,
  rest: { method: "GET", path: "/v1/skills/:skill_id/balance", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.skillCredits.balance(caller, input.skill_id),
});
