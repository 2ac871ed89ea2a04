import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { cursor, limit, page, READS } from "../fields.ts";
import { agentView } from "./agent-fields.ts";

export const listAgents = defineOperation({
  name: "stack_list_agents",
  title: "List agents",
  description:
    "Your agents, newest first, each with its settings, its public key if enrolled, and whether it is blocked.",
  scope: "agents:read",
  input: z.strictObject({ limit, cursor }),
  output: page(agentView),
  idempotency: "none",
  toolset: "agents",
  mcp: READS,
  rest: { method: "GET", path: "/v1/agents", status: 200 },
  example: {},
  handle: (input, { caller, services }) => services.agents.list(caller, input),
});
