import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { agentId } from "../agents/agent-fields.ts";
import { WRITES } from "../fields.ts";
import { grantFields, issuedPassport, token } from "./passport-fields.ts";

export const delegatePassport = defineOperation({
  name: "stack_delegate_passport",
  title: "Delegate a passport",
  description:
    "Hand a passport on to another agent of the same operator, with no more than it has: fewer scopes, less money, less time. At most four hops. What the child spends counts against the parent, and revoking the parent ends it.",
  scope: "passports:write",
  audience: "agents",
  input: z.strictObject({
    parent_token: token.describe("The passport to hand on"),
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
