import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { IDEMPOTENT } from "../fields.ts";
import { agentId, agentView } from "./agent-fields.ts";

export const unblockAgent = defineOperation({
  name: "stack_unblock_agent",
  title: "Unblock an agent",
  description:
    "Unblock an agent that stack_review_checkout blocked: the agent can have passports again.",
  scope: "agents:write",
  input: z.strictObject({ agent_id: agentId }),
  output: agentView,
  idempotency: "none",
  toolset: "agents",
  mcp: IDEMPOTENT,
  rest: { method: "POST", path: "/v1/agents/:agent_id/unblock", status: 200 },
  example: { agent_id: "agt_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.agents.unblock(caller, input.agent_id),
});
