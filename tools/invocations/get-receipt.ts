import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { invocationId, READS } from "../fields.ts";

export const getReceipt = defineOperation({
  name: "stack_get_receipt",
  title: "Get a receipt",
  description:
    "A signed receipt of an invocation that you bought and that is over: passport, skill and digest, digests of input and output, usage, isolation, every cent of the split, and its place in your audit log. Anybody can check the receipt offline with the server's public keys.",
  scope: "skills:read",
  audience: "agents",
  input: z.strictObject({ invocation_id: invocationId }),
  output: z.object({
    invocation_id: z.string(),
    receipt: z.string().describe("Compact JWS"),
    claims: z.record(z.string(), z.unknown()).describe("Claims of the receipt"),
  }),
  idempotency: "none",
  toolset: "market",
  mcp: READS,
  rest: { method: "GET", path: "/v1/skills/invocations/:invocation_id/receipt", status: 200 },
  example: { invocation_id: "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.receipts.get(caller, input.invocation_id),
});
