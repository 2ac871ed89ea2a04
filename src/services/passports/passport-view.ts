import type { NewPassport, Passport } from "../../../storage/repositories/passports.ts";
import type { Reader, Transaction } from "../../../storage/repository-table.ts";
import type { AccountabilityMode } from "../../domain/identity/agent.ts";
import type { Intent } from "../../domain/identity/passport.ts";
import type { Mandate } from "../../domain/money/mandate.ts";
import { isoTime } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { LIMITS } from "../../shared/limits.ts";
import { PASSPORT_AUDIENCE, type PassportClaims } from "../../tokens/passport-token.ts";

export interface PassportView {
  readonly jti: string;
  readonly agent_id: string;
  readonly session_id: string;
  readonly parent_jti: string | null;
  readonly delegation_depth: number;
  readonly accountability: AccountabilityMode;
  readonly intent?: Intent;
  readonly mandate?: Mandate;
  readonly spent_cents: number;
  readonly issued_at: string;
  readonly expires_at: string;
}

export function viewOf(passport: Passport): PassportView {
  return {
    jti: passport.jti,
    agent_id: passport.agent_id,
    session_id: passport.session_id,
    parent_jti: passport.parent_jti,
    delegation_depth: passport.depth,
    accountability: passport.accountability,
    intent: passport.intent || undefined,
    mandate: passport.mandate || undefined,
    spent_cents: passport.spent_cents,
    issued_at: isoTime(passport.issued_at),
    expires_at: isoTime(passport.expires_at),
  };
}

/** A token travels in a header. Throws INVALID_REQUEST. */
export function requireCarriable(claims: PassportClaims): void {
  if (Buffer.byteLength(JSON.stringify(claims)) <= LIMITS.passportBytes) return;
  const message = `The passport would have more than ${LIMITS.passportBytes} bytes. Name fewer scopes, claims, skills or publishers.`;
  throw new DomainError("INVALID_REQUEST", message);
}

/** Returns the claims of a passport's token. */
export async function claimsOf(
  r: Reader | Transaction,
  passport: NewPassport,
  now: number,
): Promise<PassportClaims> {
  const agent = await r.agents.find(passport.agent_id);
  const services = [];
  for (const { connection_id, scopes } of passport.services) {
    const connection = await r.connections.find(passport.operator_id, connection_id);
    if (connection)
      services.push({ service_id: connection_id, service_name: connection.provider, scopes });
  }
  const carried = (await r.operators.listClaims(passport.operator_id)).filter(({ id }) =>
    passport.claim_ids.includes(id),
  );
  const iat = Math.floor(now / 1_000);
  const { intent, mandate } = passport;
  return {
    iss: passport.issuer,
    sub: passport.agent_id,
    aud: PASSPORT_AUDIENCE,
    iat,
    nbf: iat,
    exp: Math.floor(passport.expires_at / 1_000),
    jti: passport.jti,
    stk: {
      operator_id: passport.operator_id,
      agent_id: passport.agent_id,
      agent_name: agent?.name ?? "",
      session_id: passport.session_id,
      delegation_depth: passport.depth,
      parent_jti: passport.parent_jti ?? undefined,
      services,
      identity_claims: carried.map((claim) => ({
        claim_id: claim.id,
        provider: claim.provider,
        layer: claim.layer,
        claim_type: claim.claim_type,
        assurance_level: claim.assurance_level,
        verified_at: Math.floor(claim.created_at / 1_000),
        expires_at: claim.expires_at === null ? undefined : Math.floor(claim.expires_at / 1_000),
      })),
      accountability: passport.accountability,
      ...(intent ? { intent_summary: intent.summary, intent_services: intent.services } : {}),
      checkpoint_interval: passport.checkpoint_interval ?? undefined,
      mandate: mandate || undefined,
    },
  };
}
