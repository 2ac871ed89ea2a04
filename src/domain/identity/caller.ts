import { DomainError } from "../../shared/errors.ts";
import type { Mandate } from "../money/mandate.ts";
import type { Plan } from "../money/money.ts";
import type { ServiceGrant } from "./passport.ts";

export const SCOPES = [
  "skills:read",
  "skills:invoke",
  "skills:publish",
  "wallet:read",
  "wallet:write",
  "services:read",
  "services:write",
  "agents:read",
  "agents:write",
  "passports:read",
  "passports:write",
  "identity:read",
  "identity:write",
  "audit:read",
  "admin",
] as const;
export type Scope = (typeof SCOPES)[number];

/** A caller as the server knows it. No field comes from the caller. */
export interface Caller {
  readonly operatorId: string;
  readonly name: string;
  readonly plan: Plan;
  readonly scopes: readonly Scope[];
  /** The public half of the API key that it called with. */
  readonly keyId?: string | undefined;
  /** Set when an agent acts for the operator, by a request it signed or by a passport. */
  readonly agent?: ActingAgent | undefined;
  /** Set when it acts by a passport. */
  readonly passport?: CarriedPassport | undefined;
}

/** Rights of those who act by a lineage, as they are now. */
export interface AgentRights {
  /** Connections of the operator that they may use. */
  readonly services: readonly ServiceGrant[];
  /** Ids of the only skills they may invoke; undefined: no skill is kept from them. */
  readonly allowedSkills: readonly string[] | undefined;
}

export interface ActingAgent extends AgentRights {
  readonly id: string;
  readonly name: string;
  /** The key that signed the request; undefined behind a passport. */
  readonly publicKey?: string | undefined;
  /** The agent whose passport this one came from, or itself. */
  readonly rootId: string;
}

export interface CarriedPassport {
  readonly jti: string;
  readonly sessionId: string;
  /** Its own jti, its parent's, and so on up to the one that was issued. */
  readonly lineage: readonly string[];
  /** The operator's claims that it carries, by id. */
  readonly claimIds: readonly string[];
  readonly mandate: Mandate | undefined;
}

/** Operator keys call everything of their operator; only `admin` sees the platform. */
export const OPERATOR_SCOPES = SCOPES.filter((scope) => scope !== "admin");

/** The scopes of agents and passports: never keys, money, publishing or administration. */
export const AGENT_SCOPES: readonly Scope[] = [
  "skills:read",
  "skills:invoke",
  "passports:read",
  "passports:write",
];

/** Whoever asks for what anybody may know. */
export const NOBODY: Caller = { operatorId: "", name: "nobody", plan: "free", scopes: [] };

/** The principals that an operation is for. Operators call everything that agents do. */
export const AUDIENCES = ["operators", "agents", "anyone"] as const;
export type Audience = (typeof AUDIENCES)[number];

/** Throws FORBIDDEN that names the missing scope. */
export function requireScope(caller: Caller, scope: Scope): void {
  if (caller.scopes.includes(scope)) return;
  throw new DomainError(
    "FORBIDDEN",
    `This needs the scope ${scope}, which the caller does not have.`,
    { scope },
  );
}

/**
 * Nobody gives an agent what it does not have itself. Throws FORBIDDEN that names the missing
 * scope.
 */
export function requireAgentScopes(caller: Caller): void {
  for (const scope of AGENT_SCOPES) requireScope(caller, scope);
}

/** Throws FORBIDDEN for an agent or a passport where an operator is asked for. */
export function requireAudience(caller: Caller, audience: Audience, what: string): void {
  if (audience !== "operators" || !caller.agent) return;
  throw new DomainError(
    "FORBIDDEN",
    `${what} is for operators: an agent or a passport may not use it.`,
  );
}

/**
 * The scope in which a repeated call is the same call: a passport's session, else an agent, else an
 * API key, else whoever is at the machine.
 */
export function repeatScopeOf({ operatorId, passport, agent, keyId }: Caller): string {
  return `${operatorId} ${passport?.sessionId ?? agent?.id ?? keyId ?? "local"}`;
}

/** Returns the names under which audit rows list a caller. */
export function actorOf(caller: Caller) {
  return {
    operatorId: caller.operatorId,
    agentId: caller.agent?.id,
    passportJti: caller.passport?.jti,
  };
}
