import * as z from "zod";
import { PLANS } from "../../src/domain/money/money.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { WRITES } from "../fields.ts";

export const subscribe = defineOperation({
  name: "stack_subscribe",
  title: "Subscribe to a plan",
  description:
    "Change your plan, paid monthly from your wallet; stack_get_balance shows the prices. A larger plan begins now, and its first charge is reduced by the unused part of the current month; a smaller plan begins when the paid month ends.",
  scope: "wallet:write",
  input: z.strictObject({ plan: z.enum(PLANS) }),
  output: z.object({
    plan: z.enum(PLANS),
    next_plan: z.enum(PLANS).optional(),
    period_start: z.string().optional(),
    period_end: z.string().optional(),
    balance_cents: z.number(),
  }),
  idempotency: "optional",
  toolset: "wallet",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/billing/subscribe", status: 200 },
  example: { plan: "developer" },
  handle: (input, { caller, services, meta }) =>
    services.plans.subscribe(caller, input.plan, meta.idempotency),
});
