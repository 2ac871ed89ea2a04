import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { READS } from "../fields.ts";

export const getBalance = defineOperation({
  name: "stack_get_balance",
  title: "Get the balance",
  description: "What your wallet can spend, what is held for running invocations, and what you have earned, in cents.",
  scope: "wallet:read",
  input: z.strictObject({}),
  output: z.object({
    operator_id: z.string(),
    balance_cents: z.number().describe("Spendable: without held cents"),
    balance_usd: z.string(),
    held_cents: z.number(),
    earnings_cents: z.number(),
    tier: z.string(),
    play_money: z.boolean(),
  }),
  idempotency: "none",
  toolset: "core",
  mcp: READS,
  rest: { method: "GET", path: "/v1/billing/balance", status: 200 },
  example: {},
  handle: (_input, { caller, services }) => services.wallet.balance(caller),
});
