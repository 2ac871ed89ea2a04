import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS, ABSENT_IS_MORE } from "../../src/operations/field-marks.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { idOf, WRITES } from "../fields.ts";

export const refundTopup = defineOperation({
  name: "stack_refund_topup",
  title: "Refund a top-up",
  description:
    "Give back unused cents of your top-ups of the last 30 days, through the processor of each top-up: an amount, the rest of one top-up, or everything with all: true. Held cents stay.",
  scope: "wallet:write",
  input: z.strictObject({
    topup_id: idOf("tup").optional().meta(ABSENT_IS_MORE).describe("Only this top-up, tup_…"),
    amount_cents: z
      .int()
      .min(1)
      .max(LIMITS.topupCents.max * 100)
      .optional()
      .meta(ABSENT_IS_MORE)
      .describe("Default: all that is left of topup_id"),
    all: z.boolean().optional().meta(ABSENT_IS_LESS).describe("All that is left of every top-up"),
  }),
  output: z.object({
    refunded_cents: z.number(),
    balance_cents: z.number(),
    refunds: z.array(
      z.object({
        id: z.string(),
        topup_id: z.string(),
        amount_cents: z.number(),
        processor: z.string(),
      }),
    ),
  }),
  idempotency: "optional",
  toolset: "wallet",
  mcp: { ...WRITES, destructiveHint: true, openWorldHint: true },
  rest: { method: "POST", path: "/v1/billing/refund", status: 200 },
  example: { amount_cents: 500 },
  handle: (input, { caller, services, meta }) =>
    services.topups.refund(caller, input, meta.idempotency),
});
