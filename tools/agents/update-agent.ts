import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { IDEMPOTENT, staying } from "../fields.ts";
import { agentDraft, agentId, agentView } from "./agent-fields.ts";

export const updateAgent = defineOperation({
  name: "stack_update_agent",
  title: "Update an agent",
  description:
    "Change an agent; a field left out stays. The change takes effect at once, also for issued passports: a suspended agent is refused everywhere, and removing a connection revokes the passports that carry it.",
  scope: "agents:write",
  input: z.strictObject({
    ...staying({
      ...agentDraft,
      status: z
        .enum(["active", "suspended"])
        .describe("suspended: the agent is refused everywhere"),
    }),
    agent_id: agentId,
  }),
  output: agentView,
  idempotency: "none",
  toolset: "agents",
  mcp: IDEMPOTENT,
  rest: { method: "PATCH", path: "/v1/agents/:agent_id", status: 200 },
  example: { agent_id: "agt_01jcyxxxxxxxxxxxxxxxxxxxxx", accountability_mode: "enforced" },
  handle: ({ agent_id, ...change }, { caller, services }) =>
    services.agents.update(caller, agent_id, change),
});
