import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { WRITES } from "../fields.ts";

export const setUpPayouts = defineOperation({
  name: "stack_set_up_payouts",
  title: "Set up payouts",
  description:
    "Get the link on which a person tells the payment processor where your earnings go. Needed once, for live money only. stack_list_payouts shows the payouts.",
  scope: "wallet:write",
  input: z.strictObject({}),
  output: z.object({ processor: z.string(), ready: z.boolean(), onboarding_url: z.string() }),
  idempotency: "none",
  toolset: "wallet",
  mcp: { ...WRITES, openWorldHint: true },
  rest: { method: "POST", path: "/v1/billing/payouts/account", status: 200 },
  example: {},
  handle: (_input, { caller, services }) => services.payouts.setUp(caller),
});
