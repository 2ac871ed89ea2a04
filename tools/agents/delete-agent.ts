import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { CANCELS } from "../fields.ts";
import { agentId } from "./agent-fields.ts";

export const deleteAgent = defineOperation({
  name: "stack_delete_agent",
  title: "Delete an agent",
  description:
    "Delete an agent for good: its passports are revoked, and the invocations under them are cancelled.",
  scope: "agents:write",
  input: z.strictObject({ agent_id: agentId }),
  output: z.object({ id: z.string(), deleted: z.boolean() }),
  idempotency: "none",
  toolset: "agents",
  mcp: CANCELS,
  rest: { method: "DELETE", path: "/v1/agents/:agent_id", status: 200 },
  example: { agent_id: "agt_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.agents.delete(caller, input.agent_id),
});
