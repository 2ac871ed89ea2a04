import type { NewPassport } from "../../../storage/repositories/passports.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { delegate, MAX_DELEGATIONS } from "../../domain/identity/passport.ts";
import { DomainError } from "../../shared/errors.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { PassportClaims } from "../../tokens/passport-token.ts";
import {
  agentsOf,
  requireActiveAgent,
  requireValidChain,
  rightsOf,
} from "../auth/live-authorization.ts";
import { type DelegateRequest, grantPassport, servicesOf } from "./grant-passport.ts";
import { firstEnd, intervalOf, requireIntent } from "./passport-rules.ts";

interface Delegation {
  readonly request: DelegateRequest;
  /** The passport that is delegated. */
  readonly heldJti: string;
  readonly jti: string;
  readonly issuer: string;
  readonly now: number;
}

/** Delegates a passport: makes a child with at most the parent's present rights. */
export async function handOn(
  t: Transaction,
  caller: Caller,
  { request, heldJti, jti, issuer, now }: Delegation,
): Promise<PassportClaims> {
  const above = await t.passports.lineage(heldJti);
  const [parent] = above;
  requireValidChain(above, now);
  if (!parent) throw new DomainError("PASSPORT_REVOKED");
  if ((await t.passports.countInSession(parent.session_id)) >= LIMITS.sessionPassports)
    throw new DomainError(
      "TIER_LIMIT_EXCEEDED",
      `A session has at most ${LIMITS.sessionPassports} passports.`,
    );
  if (parent.depth >= MAX_DELEGATIONS) throw new DomainError("DELEGATION_DEPTH_EXCEEDED");
  const child = await t.agents.find(request.child_agent_id);
  if (child?.operator_id !== caller.operatorId)
    throw new DomainError("NOT_FOUND", "There is no such agent. stack_list_agents lists yours.");
  requireActiveAgent(child);
  requireIntent(parent.accountability, request.intent ?? parent.intent ?? undefined);
  const { services: reachable } = await rightsOf(
    t,
    [...(await agentsOf((id) => t.agents.find(id), above)), child],
    parent.services,
  );
  const granted = delegate(
    {
      services: reachable,
      claimIds: parent.claim_ids,
      mandate: parent.mandate ?? undefined,
      accountability: parent.accountability,
      checkpointInterval: parent.checkpoint_interval ?? undefined,
    },
    {
      services: request.scopes && servicesOf(request),
      claimIds: request.identity_claim_ids,
      mandate: request.mandate,
      accountability: child.accountability_mode,
      checkpointInterval: request.checkpoint_interval_seconds,
    },
  );
  const interval = intervalOf(granted.accountability, granted.checkpointInterval);
  const endsAt = Math.min(now + request.ttl_seconds * 1_000, parent.expires_at);
  const passport: NewPassport = {
    jti,
    operator_id: parent.operator_id,
    agent_id: child.id,
    session_id: parent.session_id,
    parent_jti: parent.jti,
    depth: parent.depth + 1,
    issuer: issuer,
    services: granted.services,
    claim_ids: granted.claimIds,
    intent: request.intent ?? parent.intent,
    accountability: granted.accountability,
    checkpoint_interval: interval ?? null,
    mandate: granted.mandate ?? null,
    mission_id: parent.mission_id,
    issued_at: now,
    expires_at: firstEnd(now, endsAt, granted.accountability, interval),
    ends_at: endsAt,
  };
  return grantPassport(t, caller, { action: "passport.delegate", passport, now });
}
