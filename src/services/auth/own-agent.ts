import type { Agent } from "../../../storage/repositories/agents.ts";
import type { Reader, Transaction } from "../../../storage/repository-table.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";

/** Finds an agent of the caller's operator; an agent sees only itself. Throws NOT_FOUND. */
export async function requireOwnAgent(
  r: Reader | Transaction,
  caller: Caller,
  agentId: string,
): Promise<Agent> {
  const found = isId("agt", agentId) ? await r.agents.find(agentId) : undefined;
  const seen =
    found?.operator_id === caller.operatorId && (!caller.agent || caller.agent.id === agentId);
  if (found && seen) return found;
  throw new DomainError("NOT_FOUND", "There is no such agent. stack_list_agents lists yours.");
}
