import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { cursor, limit, page, READS } from "../fields.ts";

export const listPayouts = defineOperation({
  name: "stack_list_payouts",
  title: "List payouts",
  description:
    "The monthly payouts of your earnings, newest first. stack_get_earnings shows what comes next.",
  scope: "wallet:read",
  input: z.strictObject({ limit, cursor }),
  output: page(
    z.object({
      id: z.string(),
      period: z.string(),
      amount_cents: z.number(),
      status: z.enum(["in_transit", "paid"]),
      processor: z.string(),
      created_at: z.string(),
      paid_at: z.string().optional(),
    }),
  ),
  idempotency: "none",
  toolset: "wallet",
  mcp: READS,
  rest: { method: "GET", path: "/v1/billing/payouts", status: 200 },
  example: {},
  handle: (input, { caller, services }) => services.payouts.list(caller, input),
});
