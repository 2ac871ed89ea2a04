import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { agentId } from "../agents/agent-fields.ts";
import { WRITES } from "../fields.ts";
import { grantFields, issuedPassport, token } from "./passport-fields.ts";

export const delegatePassport = defineOperation({
  name: "stack_delegate_passport",
  title: "Delegate a passport",
  description:
    "Delegate a passport to another agent of the same operator, with at most the passport's scopes, money and time. At most four hops. The child's spending counts against the parent, and revoking the parent revokes the child.",
  scope: "passports:write",
  audience: "agents",
  input: z.strictObject({
    parent_token: token.describe("The passport to delegate"),
    child_agent_id: agentId,
    ...grantFields,
  }),
  output: issuedPassport,
  idempotency: "none",
  toolset: "passports",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/passports/delegate", status: 201 },
  example: {
    parent_token: "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl",
    child_agent_id: "agt_01jcyxxxxxxxxxxxxxxxxxxxxx",
    mandate: { max_total_cents: 100 },
  },
  handle: (input, { caller, services }) => services.passports.delegate(caller, input),
});
