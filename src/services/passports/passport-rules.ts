import type { Claim } from "../../../storage/repositories/operators.ts";
import type { Passport } from "../../../storage/repositories/passports.ts";
import type { Reader, Transaction } from "../../../storage/repository-table.ts";
import { type AccountabilityMode, needsIntent } from "../../domain/identity/agent.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import type { Intent } from "../../domain/identity/passport.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";

/**
 * Finds a passport of the caller's operator; an agent reaches only its own, a passport only itself.
 * Throws NOT_FOUND.
 */
export async function requireOwnPassport(
  r: Reader | Transaction,
  caller: Caller,
  jti: string,
): Promise<Passport> {
  const found = isId("pp", jti) ? await r.passports.find(jti) : undefined;
  const { agent, passport } = caller;
  const isOwn = passport ? passport.jti === found?.jti : !agent || agent.id === found?.agent_id;
  if (found?.operator_id === caller.operatorId && isOwn) return found;
  throw new DomainError(
    "NOT_FOUND",
    "There is no such passport of yours. stack_list_active_passports lists them.",
  );
}

/** Returns the first end of a passport: an enforced one ends when the next report is due. */
export function firstEnd(
  now: number,
  endsAt: number,
  accountability: AccountabilityMode,
  interval: number | undefined,
): number {
  return accountability === "enforced" && interval !== undefined
    ? Math.min(endsAt, now + interval * 1_000)
    : endsAt;
}

export function intervalOf(
  mode: AccountabilityMode,
  asked: number | undefined,
): number | undefined {
  return asked ?? (mode === "enforced" ? LIMITS.checkpointSeconds.default : undefined);
}

export function requireIntent(mode: AccountabilityMode, intent: Intent | undefined): void {
  if (needsIntent(mode) && !intent) throw new DomainError("ACCOUNTABILITY_REQUIRED");
}

export function requireRenewable(passport: Passport, now: number): void {
  if (passport.revoked_at !== null) throw new DomainError("PASSPORT_REVOKED");
  if (passport.checked_out_at !== null)
    throw new DomainError("PASSPORT_REVOKED", "The passport was checked out and has ended.");
  if (passport.expires_at + LIMITS.refreshWithinMs <= now)
    throw new DomainError(
      "PASSPORT_EXPIRED",
      "The passport ended more than a day ago. Issue another.",
    );
}

/** Keeps the newest of the claims that were proved twice to one provider. */
function newestOfEach(claims: readonly Claim[]): string[] {
  return [
    ...new Map(claims.map((claim) => [`${claim.provider} ${claim.claim_type}`, claim.id])).values(),
  ];
}

/** Throws SCOPE_ESCALATION for a claim that is not an active one of the operator's. */
export async function claimsFor(
  t: Transaction,
  caller: Caller,
  asked: readonly string[] | undefined,
  now: number,
) {
  const claims = await t.operators.listClaims(caller.operatorId);
  const good = claims.filter(({ expires_at }) => expires_at === null || expires_at > now);
  const active = good.map(({ id }) => id);
  const missing = asked?.find((id) => !active.includes(id));
  if (missing === undefined) return asked ?? newestOfEach(good);
  const message =
    "identity_claim_ids names a claim that you do not have. stack_list_claims lists yours.";
  throw new DomainError("SCOPE_ESCALATION", message, { field: "identity_claim_ids" });
}
