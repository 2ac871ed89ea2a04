import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { READS } from "../fields.ts";

export const getEarnings = defineOperation({
  name: "stack_get_earnings",
  title: "Get earnings",
  description:
    "Earnings of your skills: earned, unpaid and paid-out cents, date and amount of the next payout; each skill's part, largest first. stack_list_payouts shows the payouts.",
  scope: "wallet:read",
  input: z.strictObject({}),
  output: z.object({
    operator_id: z.string(),
    earned_cents: z.number(),
    unpaid_cents: z.number(),
    in_transit_cents: z.number(),
    paid_out_cents: z.number(),
    next_payout: z.object({
      date: z.string(),
      amount_cents: z.number(),
      minimum_cents: z.number(),
    }),
    skills: z.array(
      z.object({
        skill_id: z.string(),
        name: z.string(),
        invocations: z.number(),
        earned_cents: z.number(),
      }),
    ),
  }),
  idempotency: "none",
  toolset: "publish",
  mcp: READS,
  command: "earnings",
  rest: { method: "GET", path: "/v1/billing/earnings", status: 200 },
  example: {},
  handle: (_input, { caller, services }) => services.wallet.earnings(caller),
});
