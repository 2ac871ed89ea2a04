import * as z from "zod";
import { TRANSACTION_TYPES } from "../../src/domain/money/ledger.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { cursor, page, READS } from "../fields.ts";

export const listTransactions = defineOperation({
  name: "stack_list_transactions",
  title: "List transactions",
  description:
    "Movements into and out of your wallet, newest first, with the balance after each. Filter by type and time. Holds are not transactions: stack_get_balance shows held cents.",
  scope: "wallet:read",
  input: z.strictObject({
    type: z.enum(TRANSACTION_TYPES).optional().meta(ABSENT_IS_LESS),
    from: z.string().max(40).optional().meta(ABSENT_IS_LESS).describe("ISO 8601, inclusive"),
    to: z.string().max(40).optional().meta(ABSENT_IS_LESS).describe("ISO 8601, exclusive"),
    limit: z.int().min(1).max(200).default(50).describe("Items a page"),
    offset: z.int().min(0).max(100_000).optional().meta(ABSENT_IS_LESS),
    cursor,
  }),
  output: page(
    z.object({
      id: z.string(),
      type: z.enum(TRANSACTION_TYPES),
      amount_cents: z.number(),
      balance_after_cents: z.number(),
      description: z.string(),
      created_at: z.string(),
    }),
  ),
  idempotency: "none",
  toolset: "wallet",
  mcp: READS,
  rest: { method: "GET", path: "/v1/billing/transactions", status: 200 },
  example: { type: "invocation", limit: 10 },
  handle: (input, { caller, services }) => services.wallet.listTransactions(caller, input),
});
