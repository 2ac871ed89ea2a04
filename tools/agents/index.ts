import type { Operation } from "../../src/operations/define-operation.ts";
import { deleteAgent } from "./delete-agent.ts";
import { enrolAgent, enrolmentChallenge } from "./enrol-agent.ts";
import { getAgent } from "./get-agent.ts";
import { listAgents } from "./list-agents.ts";
import { registerAgent } from "./register-agent.ts";
import { unblockAgent } from "./unblock-agent.ts";
import { updateAgent } from "./update-agent.ts";

/** Agents that act for an operator. */
export const AGENTS: readonly Operation[] = [
  registerAgent,
  listAgents,
  getAgent,
  updateAgent,
  deleteAgent,
  unblockAgent,
  enrolmentChallenge,
  enrolAgent,
];
