import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { CANCELS, idOf } from "../fields.ts";
import { reason, revocation } from "./passport-fields.ts";

export const revokeAgentPassports = defineOperation({
  name: "stack_revoke_agent_passports",
  title: "Revoke an agent's passports",
  description:
    "Revoke all passports of one agent at once, with all passports delegated from them; invocations under them are cancelled.",
  scope: "passports:write",
  input: z.strictObject({
    agent_id: idOf("agt").describe("Id of the agent, agt_…"),
    reason,
  }),
  output: revocation,
  idempotency: "none",
  toolset: "passports",
  mcp: CANCELS,
  rest: { method: "POST", path: "/v1/passports/revoke-agent", status: 200 },
  example: { agent_id: "agt_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) =>
    services.revocations.revokeAgent(caller, input.agent_id, input.reason),
});
