import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS, ABSENT_IS_MORE } from "../../src/operations/field-marks.ts";
import { WRITES } from "../fields.ts";
import { agentDraft, agentView } from "./agent-fields.ts";

export const registerAgent = defineOperation({
  name: "stack_register_agent",
  title: "Register an agent",
  description:
    "Register an agent that acts for you with passports instead of your key. By default the agent is enforced: each passport states an intent, and a report is due at each interval. Next: stack_issue_passport.",
  scope: "agents:write",
  input: z.strictObject({
    name: agentDraft.name,
    description: agentDraft.description.optional().meta(ABSENT_IS_LESS),
    accountability_mode: agentDraft.accountability_mode.default("enforced"),
    on_warning: agentDraft.on_warning.default("notify"),
    on_critical: agentDraft.on_critical.default("notify"),
    credential_access: agentDraft.credential_access.default("direct").meta(ABSENT_IS_MORE),
    skill_access_mode: agentDraft.skill_access_mode.default("all").meta(ABSENT_IS_MORE),
    allowed_skills: agentDraft.allowed_skills.default([]),
    allowed_connections: agentDraft.allowed_connections.default([]),
    icon_url: agentDraft.icon_url.optional().meta(ABSENT_IS_LESS),
    budget: agentDraft.budget.optional().meta(ABSENT_IS_MORE),
  }),
  output: agentView,
  idempotency: "none",
  toolset: "agents",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/agents/register", status: 201 },
  example: { name: "support-bot", accountability_mode: "logged", budget: { per_day_cents: 500 } },
  handle: (input, { caller, services }) => services.agents.register(caller, input),
});
