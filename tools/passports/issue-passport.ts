import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { agentId } from "../agents/agent-fields.ts";
import { WRITES } from "../fields.ts";
import { normaliseIssue } from "./input-aliases.ts";
import { grantFields, issuedPassport } from "./passport-fields.ts";

export const issuePassport = defineOperation({
  name: "stack_issue_passport",
  title: "Issue a passport",
  description:
    "Issue a passport to one of your agents: a token that stands in for your key for at most an hour, with an intent, scopes, and a spend mandate. The agent sends the token as Bearer token. stack_revoke_passport revokes it at once.",
  scope: "passports:write",
  audience: "agents",
  input: z.strictObject({ agent_id: agentId, ...grantFields }),
  output: issuedPassport,
  idempotency: "none",
  toolset: "passports",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/passports/issue", status: 201 },
  normalise: normaliseIssue,
  example: {
    agent_id: "agt_01jcyxxxxxxxxxxxxxxxxxxxxx",
    intent: { summary: "Answer one customer ticket", services: ["slack"] },
    mandate: { max_total_cents: 500 },
  },
  handle: (input, { caller, services }) => services.passports.issue(caller, input),
});
