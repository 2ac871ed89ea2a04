import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { IDEMPOTENT, idOf } from "../fields.ts";
import { checkoutView } from "./passport-fields.ts";

export const reviewCheckout = defineOperation({
  name: "stack_review_checkout",
  title: "Review a checkout",
  description:
    "Decide on a flagged checkout. block: the checkout's agent has no more passports until stack_unblock_agent.",
  scope: "passports:write",
  input: z.strictObject({
    checkout_id: idOf("chk").describe("chk_…"),
    decision: z.enum(["approve", "block"]),
  }),
  output: checkoutView,
  idempotency: "none",
  toolset: "passports",
  mcp: IDEMPOTENT,
  rest: { method: "POST", path: "/v1/checkouts/:checkout_id/review", status: 200 },
  example: { checkout_id: "chk_01jcyxxxxxxxxxxxxxxxxxxxxx", decision: "approve" },
  handle: (input, { caller, services }) =>
    services.accountability.review(caller, input.checkout_id, input.decision),
});
