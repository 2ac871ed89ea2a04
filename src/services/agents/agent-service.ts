import { randomBytes } from "node:crypto";
import type { Agent } from "../../../storage/repositories/agents.ts";
import type { Reader, Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { AuditAction } from "../../domain/audit/audit-actions.ts";
import { actorOf, type Caller, requireAgentScopes } from "../../domain/identity/caller.ts";
import { type Budget, periodsOf } from "../../domain/money/budget.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError, invalidRequest } from "../../shared/errors.ts";
import { isId, newId } from "../../shared/ids.ts";
import type { JsonObject } from "../../shared/json.ts";
import { LIMITS } from "../../shared/limits.ts";
import { publicJwkOf } from "../../tokens/ed25519.ts";
import { isSignature } from "../../tokens/token.ts";
import { requireOwnAgent } from "../auth/own-agent.ts";
import { byId, type Page, type PageRequest, pageOf, requireCursor } from "../pagination.ts";
import type { RevocationService } from "../passports/revocation-service.ts";
import type { AgentView, RegisterRequest } from "./agent-view.ts";
import { viewOf } from "./agent-view.ts";

/** A change of an agent. An absent field stays as it is. */
export type AgentChange = Partial<RegisterRequest & { readonly status: "active" | "suspended" }>;

const CHALLENGE_BYTES = 32;
const ASK_ANEW = "POST /v1/agents/:agent_id/enrollment-challenge makes a new one.";

export interface AgentParts {
  readonly store: Store;
  readonly revocations: RevocationService;
  readonly clock: Clock;
}

/** Manages the agents of an operator: their settings, their rights and their keys. */
export class AgentService {
  readonly #parts: AgentParts;

  constructor(parts: AgentParts) {
    this.#parts = parts;
  }

  /**
   * Makes an agent. Throws INVALID_REQUEST for a name that is taken, NOT_FOUND for an unknown
   * connection, TIER_LIMIT_EXCEEDED.
   */
  async register(caller: Caller, request: RegisterRequest): Promise<AgentView> {
    const id = newId("agt");
    await this.#parts.store.transact([caller.operatorId], async (t) => {
      await requireFreeName(t, caller, request.name);
      if ((await t.agents.count(caller.operatorId)) >= LIMITS.agents)
        throw new DomainError(
          "TIER_LIMIT_EXCEEDED",
          `You have ${LIMITS.agents} agents, which is the maximum.`,
        );
      const { allowed_connections, description = null, icon_url = null, budget, ...rest } = request;
      const own = {
        id,
        operator_id: caller.operatorId,
        status: "active",
        public_key: null,
      } as const;
      const blank = { description, icon_url, budget: budgetOf(budget), passport_blocked: false };
      await t.agents.insert({ ...rest, ...own, ...blank });
      await setGrants(t, caller, id, allowed_connections);
      await audit(t, caller, {
        action: "agent.register",
        agentId: id,
        details: {
          name: request.name,
          accountability: request.accountability_mode,
        },
      });
    });
    return this.get(caller, id);
  }

  async list(caller: Caller, request: PageRequest): Promise<Page<AgentView>> {
    requireCursor("agt", request.cursor);
    return this.#parts.store.read(async (r) => {
      const found = await r.agents.list(caller.operatorId, request.limit, request.cursor);
      const items = [];
      for (const agent of found.slice(0, request.limit)) items.push(await this.#view(r, agent));
      return pageOf(items, found.length, byId);
    });
  }

  /** Throws NOT_FOUND. */
  async get(caller: Caller, agentId: string): Promise<AgentView> {
    return this.#parts.store.read(async (r) =>
      this.#view(r, await requireOwnAgent(r, caller, agentId)),
    );
  }

  /**
   * Changes take effect at once. Taking a connection away revokes the passports that carry it.
   * Throws NOT_FOUND, INVALID_REQUEST for a name that is taken.
   */
  async update(caller: Caller, agentId: string, change: AgentChange): Promise<AgentView> {
    await this.#parts.store.transact([caller.operatorId], async (t) => {
      const agent = await requireOwnAgent(t, caller, agentId);
      const { allowed_connections, budget, ...rest } = change;
      if (rest.name !== undefined && rest.name !== agent.name)
        await requireFreeName(t, caller, rest.name);
      const changed = budget === undefined ? rest : { ...rest, budget: budgetOf(budget) };
      await t.agents.update(agentId, withoutGaps(changed));
      if (budget !== undefined) await t.agentSpending.clearAlarms(agentId);
      const fields = Object.entries(change).flatMap(([name, value]) =>
        value === undefined ? [] : [name],
      );
      await audit(t, caller, { action: "agent.update", agentId, details: { fields } });
      if (rest.status === "suspended")
        await this.#parts.revocations.cancelWorkOf(t, caller.operatorId, agentId);
      if (!allowed_connections) return;
      const before = await t.agents.grants(agentId);
      await setGrants(t, caller, agentId, allowed_connections);
      const taken = before.filter(
        ({ connection_id }) => !allowed_connections.includes(connection_id),
      );
      for (const { connection_id: connectionId } of taken) {
        const selection = { operatorId: caller.operatorId, agentId, connectionId };
        await this.#parts.revocations.within(t, caller, {
          ...AGENT_ACCESS,
          target: agentId,
          selection,
        });
      }
    });
    return this.get(caller, agentId);
  }

  /** Deletes the agent, revokes its passports and cancels their invocations. Throws NOT_FOUND. */
  async delete(
    caller: Caller,
    agentId: string,
  ): Promise<{ readonly id: string; readonly deleted: true }> {
    await this.#parts.store.transact([caller.operatorId], async (t) => {
      await requireOwnAgent(t, caller, agentId);
      const selection = { operatorId: caller.operatorId, agentId };
      const order = {
        type: "bulk_agent",
        target: agentId,
        reason: "Agent deleted",
        selection,
      } as const;
      await this.#parts.revocations.within(t, caller, order);
      await this.#parts.revocations.cancelWorkOf(t, caller.operatorId, agentId);
      await t.agents.setGrants(agentId, []);
      await t.agents.update(agentId, { deleted_at: this.#parts.clock.now(), public_key: null });
      await audit(t, caller, { action: "agent.delete", agentId });
    });
    return { id: agentId, deleted: true };
  }

  /** Lets the agent have passports again. Throws NOT_FOUND. */
  async unblock(caller: Caller, agentId: string): Promise<AgentView> {
    await this.#parts.store.transact([caller.operatorId], async (t) => {
      const agent = await requireOwnAgent(t, caller, agentId);
      if (!agent.passport_blocked) return;
      await t.agents.update(agentId, { passport_blocked: false });
      await audit(t, caller, { action: "agent.unblock", agentId });
    });
    return this.get(caller, agentId);
  }

  /**
   * Returns a text that the agent signs with its new key. A new challenge replaces the last one.
   */
  async challenge(caller: Caller, agentId: string) {
    const challenge = {
      id: newId("enr"),
      agent_id: agentId,
      challenge: randomBytes(CHALLENGE_BYTES).toString("base64url"),
      expires_at: this.#parts.clock.now() + LIMITS.enrolmentMs,
    };
    await this.#parts.store.transact([caller.operatorId], async (t) => {
      await requireOwnAgent(t, caller, agentId);
      await t.agents.insertChallenge(challenge);
    });
    const { id: challenge_id, challenge: text, expires_at } = challenge;
    return { challenge_id, challenge: text, expires_at: isoTime(expires_at) };
  }

  /**
   * Stores a public key as the agent's, in place of an earlier one: its holder has signed the
   * challenge's UTF-8 text. Throws NOT_FOUND for agent or challenge, EXPIRED, INVALID_REQUEST for
   * an invalid key or signature.
   */
  async enrol(
    caller: Caller,
    agentId: string,
    proof: {
      readonly public_key: unknown;
      readonly challenge_id: string;
      readonly signed_challenge: string;
    },
  ): Promise<AgentView> {
    const challenge = await this.#parts.store.read(async (r) => {
      await requireOwnAgent(r, caller, agentId);
      return isId("enr", proof.challenge_id)
        ? r.agents.findChallenge(proof.challenge_id)
        : undefined;
    });
    if (challenge?.agent_id !== agentId)
      throw new DomainError("NOT_FOUND", `There is no such challenge. ${ASK_ANEW}`);
    if (challenge.expires_at <= this.#parts.clock.now())
      throw new DomainError("EXPIRED", `The challenge has expired. ${ASK_ANEW}`);
    const jwk = publicJwkOf(proof.public_key);
    if (!jwk)
      throw invalidRequest(
        "public_key",
        "public_key must be an Ed25519 public JWK: kty OKP, crv Ed25519, x, and no d.",
      );
    if (!isSignature(challenge.challenge, proof.signed_challenge, jwk))
      throw invalidRequest(
        "signed_challenge",
        "signed_challenge must be the Ed25519 signature, base64url, of the challenge's text by public_key.",
      );
    requireAgentScopes(caller);
    await this.#parts.store.transact([caller.operatorId], async (t) => {
      const agent = await requireOwnAgent(t, caller, agentId);
      if (!(await t.agents.findChallenge(challenge.id)))
        throw new DomainError("EXPIRED", `The challenge was used before. ${ASK_ANEW}`);
      await t.agents.deleteChallenge(challenge.id);
      const { kty, crv, x } = jwk;
      await t.agents.update(agentId, { public_key: { kty, crv, x } });
      await audit(t, caller, {
        action: "agent.enrol",
        agentId,
        details: { replaced: agent.public_key !== null },
      });
      // What the holder of the old key asked for ends with it.
      if (agent.public_key !== null)
        await this.#parts.revocations.cancelWorkOf(t, caller.operatorId, agentId);
    });
    return this.get(caller, agentId);
  }

  async #view(r: Reader, agent: Agent): Promise<AgentView> {
    const spending = await r.agentSpending.of(agent.id, periodsOf(this.#parts.clock.now()));
    return viewOf(agent, await r.agents.grants(agent.id), spending);
  }
}

const AGENT_ACCESS = { type: "bulk_agent", reason: "Access of the agent was taken away" } as const;

async function setGrants(
  t: Transaction,
  caller: Caller,
  agentId: string,
  connections: readonly string[],
) {
  for (const id of connections) {
    const found = isId("scon", id) ? await t.connections.find(caller.operatorId, id) : undefined;
    if (!found)
      throw new DomainError(
        "NOT_FOUND",
        "allowed_connections names a connection that does not exist.",
      );
  }
  const grants = [...new Set(connections)].map((connection_id) => ({
    connection_id,
    scopes: ["*"],
  }));
  await t.agents.setGrants(agentId, grants);
}

async function requireFreeName(
  t: Transaction,
  { operatorId }: Caller,
  name: string,
): Promise<void> {
  if (await t.agents.findByName(operatorId, name))
    throw invalidRequest("name", "name is taken by another agent of yours.");
}

/** Returns null for a budget that sets no bound. */
function budgetOf(budget: Budget | undefined): Budget | null {
  return budget && Object.keys(budget).length > 0 ? budget : null;
}

async function audit(
  t: Transaction,
  caller: Caller,
  {
    action,
    agentId,
    details = {},
  }: { readonly action: AuditAction; readonly agentId: string; readonly details?: JsonObject },
) {
  const about = { ...actorOf(caller), agentId };
  await t.audit.append({ ...about, action, outcome: "success", details });
}

function withoutGaps<T extends object>(change: T): T {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as T;
}
