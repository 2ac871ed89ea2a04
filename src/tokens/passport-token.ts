import type { Jwks, PublicJwk } from "./ed25519.ts";
import { type FindKey, openToken, type SigningKey, signToken, TokenError } from "./token.ts";

/** The claims of a passport. Times are seconds since the epoch, as RFC 7519 has them. */
export interface PassportClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: "stack";
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly jti: string;
  readonly stk: PassportDetails;
}

export interface PassportDetails {
  readonly operator_id: string;
  readonly agent_id: string;
  readonly agent_name: string;
  readonly session_id: string;
  /** 0 for one that was issued, and one more for each delegation. */
  readonly delegation_depth: number;
  readonly parent_jti?: string;
  readonly services: readonly {
    readonly service_id: string;
    readonly service_name: string;
    readonly scopes: readonly string[];
  }[];
  readonly identity_claims: readonly {
    readonly claim_id: string;
    readonly provider: string;
    readonly layer: string;
    readonly claim_type: string;
    readonly assurance_level: string;
    readonly verified_at: number;
    readonly expires_at?: number;
  }[];
  readonly accountability: string;
  readonly intent_summary?: string;
  readonly intent_services?: readonly string[];
  /** Seconds. */
  readonly checkpoint_interval?: number;
  readonly mandate?: {
    readonly max_total_cents?: number;
    readonly max_per_call_cents?: number;
    readonly skills?: readonly string[];
    readonly publishers?: readonly string[];
    readonly approve_over_cents?: number;
  };
}

export const PASSPORT_AUDIENCE = "stack";

/** Clocks of two machines differ by so much. The end of a passport has no such slack. */
const CLOCK_SKEW_S = 5;
/** No passport lives longer, whatever it says. */
const MAX_SECONDS = 3_600;

export async function signPassport(claims: PassportClaims, key: SigningKey): Promise<string> {
  return signToken("passport+jwt", claims, key);
}

/** The claims of a passport that is signed, meant for us, and of this time. Throws TokenError. */
export async function openPassport(
  token: string,
  {
    findKey,
    now,
    issuers,
  }: { readonly findKey: FindKey; readonly now: number; readonly issuers?: readonly string[] },
): Promise<PassportClaims> {
  const payload = await openToken(token, "passport+jwt", findKey);
  const claims = shaped(payload);
  if (!claims)
    throw new TokenError("claims", "The passport lacks claims, or a claim has another form.");
  if (claims.aud !== PASSPORT_AUDIENCE)
    throw new TokenError("audience", "The passport is meant for somebody else.");
  if (issuers && !issuers.includes(claims.iss))
    throw new TokenError("issuer", "Another server issued the passport.");
  const seconds = now / 1_000;
  if (claims.nbf > seconds + CLOCK_SKEW_S || claims.iat > seconds + CLOCK_SKEW_S) {
    throw new TokenError("not_yet_valid", "The passport is not valid yet.");
  }
  if (claims.exp <= seconds) throw new TokenError("expired", "The passport has expired.");
  return claims;
}

export function findIn({ keys }: Jwks): FindKey {
  return (kid) => keys.find((key) => key.kid === kid);
}

export function onlyKey(jwk: PublicJwk): FindKey {
  return (kid) => (jwk.kid === undefined || jwk.kid === kid ? jwk : undefined);
}

function shaped(payload: Record<string, unknown>): PassportClaims | undefined {
  const { iss, sub, aud, iat, nbf, exp, jti, stk } = payload;
  const texts = [iss, sub, aud, jti].every((value) => typeof value === "string" && value !== "");
  const times = [iat, nbf, exp].every((value) => Number.isSafeInteger(value));
  if (!texts || !times || typeof stk !== "object" || stk === null) return undefined;
  const claims = payload as unknown as PassportClaims;
  if (
    claims.exp <= claims.iat ||
    claims.exp - claims.nbf > MAX_SECONDS ||
    claims.sub !== claims.stk.agent_id
  ) {
    return undefined;
  }
  const { operator_id, session_id, delegation_depth: depth } = claims.stk;
  const whole =
    typeof operator_id === "string" && typeof session_id === "string" && Number.isInteger(depth);
  return whole ? claims : undefined;
}
