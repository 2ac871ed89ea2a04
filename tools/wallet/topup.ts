import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { WRITES } from "../fields.ts";

export const topup = defineOperation({
  name: "stack_topup",
  title: "Top up the wallet",
  description:
    "Open a payment into your wallet, 10 to 10,000 dollars. Returns the link on which a person pays, or the command that pays where no page is served; for an amount that is open already, the same link. Then stack_get_balance.",
  scope: "wallet:write",
  input: z.strictObject({
    amount_cents: z.int().min(LIMITS.topupCents.min).max(LIMITS.topupCents.max),
  }),
  output: z.object({
    session_id: z.string(),
    status: z.enum(["pending", "paid", "expired"]),
    amount_cents: z.number(),
    processor: z.string(),
    checkout_url: z.string().optional(),
    already_open: z.boolean().optional().describe("It was opened before and is not paid yet"),
    next_step: z.string().optional(),
    created_at: z.string(),
    expires_at: z.string(),
  }),
  idempotency: "optional",
  toolset: "core",
  handOff: {
    urlOf: ({ status, checkout_url }) => (status === "pending" ? checkout_url : undefined),
    wasAsked: ({ already_open }) => already_open === true,
    ask: ({ amount_cents }) => `Pay $${(amount_cents / 100).toFixed(2)} into the wallet`,
    declined:
      "The person did not open the payment page. The page stays open until expires_at; ask before you try again.",
  },
  mcp: { ...WRITES, openWorldHint: true },
  rest: { method: "POST", path: "/v1/billing/topup", status: 200 },
  example: { amount_cents: 2500 },
  handle: (input, { caller, services, meta }) =>
    services.topups.open(caller, input.amount_cents, meta.idempotency),
});
