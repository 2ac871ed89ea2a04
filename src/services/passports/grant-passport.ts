import type { NewPassport } from "../../../storage/repositories/passports.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import type { AuditAction } from "../../domain/audit/audit-actions.ts";
import { actorOf, type Caller } from "../../domain/identity/caller.ts";
import type { Intent, ServiceGrant } from "../../domain/identity/passport.ts";
import type { Mandate } from "../../domain/money/mandate.ts";
import { isoTime } from "../../shared/clock.ts";
import type { PassportClaims } from "../../tokens/passport-token.ts";
import { claimsOf, requireCarriable } from "./passport-view.ts";

export interface IssueRequest {
  readonly agent_id: string;
  readonly ttl_seconds: number;
  /** Left out: all that the agent was given. */
  readonly scopes?:
    | readonly { readonly service_connection_id: string; readonly scopes: readonly string[] }[]
    | undefined;
  /** Left out: all that are active. */
  readonly identity_claim_ids?: readonly string[] | undefined;
  readonly intent?: Intent | undefined;
  readonly checkpoint_interval_seconds?: number | undefined;
  readonly mandate?: Mandate | undefined;
}

export interface DelegateRequest extends Omit<IssueRequest, "agent_id"> {
  readonly parent_token: string;
  readonly child_agent_id: string;
}

/**
 * Makes a passport and its audit row. Returns the claims of its token; throws for claims that no
 * token can carry.
 */
export async function grantPassport(
  t: Transaction,
  caller: Caller,
  {
    action,
    passport,
    now,
  }: { readonly action: AuditAction; readonly passport: NewPassport; readonly now: number },
): Promise<PassportClaims> {
  await t.passports.insert(passport);
  const claims = await claimsOf(t, passport, now);
  requireCarriable(claims);
  await auditPassport(t, caller, action, passport);
  return claims;
}

/** Returns the services of a request in a passport's form. */
export function servicesOf({ scopes = [] }: Pick<IssueRequest, "scopes">): ServiceGrant[] {
  return scopes.map((one) => ({ connection_id: one.service_connection_id, scopes: one.scopes }));
}

export async function auditPassport(
  t: Transaction,
  caller: Caller,
  action: AuditAction,
  passport: NewPassport,
): Promise<void> {
  const {
    jti: passportJti,
    agent_id: agentId,
    parent_jti,
    mandate,
    session_id,
    expires_at,
  } = passport;
  const by = caller.agent && caller.agent.id !== agentId ? { by_agent: caller.agent.id } : {};
  const parent = parent_jti === null ? {} : { parent_jti };
  const details = {
    session_id,
    expires_at: isoTime(expires_at),
    ...parent,
    ...by,
    ...(mandate?.max_total_cents === undefined ? {} : { max_total_cents: mandate.max_total_cents }),
  };
  await t.audit.append({
    ...actorOf(caller),
    agentId,
    passportJti,
    action,
    outcome: "success",
    details,
  });
}
