import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { READS } from "../fields.ts";
import { agentId, agentView } from "./agent-fields.ts";

export const getAgent = defineOperation({
  name: "stack_get_agent",
  title: "Get an agent",
  description: "One of your agents: its settings, its skills and connections, its public key.",
  scope: "agents:read",
  input: z.strictObject({ agent_id: agentId }),
  output: agentView,
  idempotency: "none",
  toolset: "agents",
  mcp: READS,
  rest: { method: "GET", path: "/v1/agents/:agent_id", status: 200 },
  example: { agent_id: "agt_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.agents.get(caller, input.agent_id),
});
