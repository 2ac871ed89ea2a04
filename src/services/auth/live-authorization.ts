import type { Agent } from "../../../storage/repositories/agents.ts";
import type { Passport } from "../../../storage/repositories/passports.ts";
import type { Reader, Transaction } from "../../../storage/repository-table.ts";
import type { AgentRights, Caller } from "../../domain/identity/caller.ts";
import { requireServed } from "../../domain/identity/operator.ts";
import { coversService, type ServiceGrant } from "../../domain/identity/passport.ts";
import { DomainError } from "../../shared/errors.ts";

/**
 * Checks again that a caller may act, at the time of an act or an answer: since authentication its
 * passport may have been revoked, or its agent suspended. Throws PASSPORT_REVOKED,
 * PASSPORT_EXPIRED, PASSPORT_BLOCKED, FORBIDDEN, UNAUTHORIZED.
 */
export async function requireStillAuthorized(
  r: Reader | Transaction,
  { operatorId, agent, passport }: Caller,
  now: number,
): Promise<AgentRights | undefined> {
  await requireServedOperator(r, operatorId);
  if (!agent) return undefined;
  if (passport) {
    const lineage = await r.passports.lineage(passport.jti);
    requireValidChain(lineage, now);
    return rightsOf(r, await agentsOf((id) => r.agents.find(id), lineage), lineage[0]?.services);
  }
  const found = await r.agents.find(agent.id);
  if (!found || found.public_key?.x !== agent.publicKey)
    throw new DomainError("UNAUTHORIZED", "The agent's key has changed.");
  requireActiveAgent(found);
  return rightsOf(r, [found]);
}

/** Throws FORBIDDEN for an operator that the host suspended or deleted. */
export async function requireServedOperator(
  r: Reader | Transaction,
  operatorId: string,
): Promise<void> {
  const operator = await r.operators.find(operatorId);
  if (operator) requireServed(operator);
}

/** Throws unless a passport and all its ancestors are valid. */
export function requireValidChain(lineage: readonly Passport[], now: number): void {
  for (const { revoked_at, checked_out_at } of lineage) {
    if (revoked_at !== null && checked_out_at === null) throw new DomainError("PASSPORT_REVOKED");
    if (checked_out_at !== null)
      throw new DomainError("PASSPORT_REVOKED", "The passport was checked out and has ended.");
  }
  for (const { expires_at } of lineage)
    if (expires_at <= now) throw new DomainError("PASSPORT_EXPIRED");
}

/** Returns the agents of a lineage, its own first. Throws for an agent that may not act. */
export async function agentsOf(
  find: (id: string) => Promise<Agent | undefined>,
  lineage: readonly Passport[],
): Promise<Agent[]> {
  const agents = [];
  for (const agentId of new Set(lineage.map(({ agent_id }) => agent_id))) {
    const agent = await find(agentId);
    if (!agent) throw new DomainError("PASSPORT_REVOKED", "The passport's agent was deleted.");
    requireActiveAgent(agent);
    agents.push(agent);
  }
  return agents;
}

/**
 * Throws FORBIDDEN for an agent that is suspended, PASSPORT_BLOCKED for one that a review blocked.
 */
export function requireActiveAgent(agent: Agent): void {
  if (agent.status !== "active")
    throw new DomainError(
      "FORBIDDEN",
      "The agent is suspended. Its operator makes it active with stack_update_agent.",
    );
  if (agent.passport_blocked) throw new DomainError("PASSPORT_BLOCKED");
}

/** Returns the rights that every agent of a lineage has. */
export async function rightsOf(
  r: Reader | Transaction,
  agents: readonly Agent[],
  carried?: readonly ServiceGrant[],
): Promise<AgentRights> {
  const lists = agents
    .filter((agent) => agent.skill_access_mode === "allowed")
    .map((agent) => agent.allowed_skills);
  const [first, ...others] = lists;
  const allowedSkills = first?.filter((skill) => others.every((list) => list.includes(skill)));
  const grants: ServiceGrant[][] = [];
  for (const { id } of agents) grants.push(await r.agents.grants(id));
  const services = (carried ?? grants[0] ?? []).filter((service) =>
    grants.every((given) => coversService(given, service)),
  );
  return { services, allowedSkills };
}
