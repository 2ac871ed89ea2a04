import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { agentId } from "../agents/agent-fields.ts";
import { idOf, READS, WRITES } from "../fields.ts";
import { grantFields, mission, passportView, ttlSeconds } from "./passport-fields.ts";

export const startMission = defineOperation({
  name: "stack_start_mission",
  title: "Start a mission",
  description:
    "Issue a passport for one errand of an agent. With an idempotency_key a repeated call gives the same mission, its passport signed again. Next: stack_checkpoint, stack_checkout.",
  scope: "passports:write",
  audience: "agents",
  input: z.strictObject({ agent_id: agentId, ...grantFields }),
  output: mission,
  idempotency: "optional",
  toolset: "passports",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/missions", status: 201 },
  example: {
    agent_id: "agt_01jcyxxxxxxxxxxxxxxxxxxxxx",
    intent: { summary: "Tidy the backlog", services: ["github"] },
    idempotency_key: "errand-1",
  },
  handle: (input, { caller, services, meta }) =>
    services.missions.start(caller, input, meta.idempotency),
});

const missionId = idOf("msn").describe("msn_…");

export const getMission = defineOperation({
  name: "stack_get_mission",
  title: "Get a mission",
  description: "A mission with its status and its passport, without the token.",
  scope: "passports:read",
  audience: "agents",
  input: z.strictObject({ mission_id: missionId }),
  output: mission.extend({
    status: z.enum(["active", "completed", "revoked"]),
    passport: passportView,
  }),
  idempotency: "none",
  toolset: "passports",
  mcp: READS,
  rest: { method: "GET", path: "/v1/missions/:mission_id", status: 200 },
  example: { mission_id: "msn_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.missions.get(caller, input.mission_id),
});

export const renewMission = defineOperation({
  name: "stack_renew_mission",
  title: "Renew a mission",
  description: "Refresh a mission's passport; the rules of stack_refresh_passport apply.",
  scope: "passports:write",
  audience: "agents",
  input: z.strictObject({ mission_id: missionId, ttl_seconds: ttlSeconds }),
  output: mission,
  idempotency: "none",
  toolset: "passports",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/missions/:mission_id/renew", status: 200 },
  example: { mission_id: "msn_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) =>
    services.missions.renew(caller, input.mission_id, input.ttl_seconds),
});
