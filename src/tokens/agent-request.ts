import type { PublicJwk } from "./ed25519.ts";
import { openForeignToken, readUnverified, TokenError } from "./token.ts";

/**
 * A request that an agent signed with its own key: the claims of STACK's SDK readme, 60 seconds,
 * let in once. Times are seconds.
 */
export interface AgentRequest {
  readonly agentId: string;
  readonly jti: string;
  readonly exp: number;
}

const ISSUER = "stack-sdk";
const AUDIENCE = "stack:agent";
const MAX_SECONDS = 60;
const CLOCK_SKEW_S = 5;
const MAX_JTI_CHARS = 128;

/**
 * Returns the agent that a token names, before anything of it is believed; undefined for a text
 * that is no signed request.
 */
export function claimedAgent(token: string): string | undefined {
  try {
    const { aud, sub } = readUnverified(token).payload;
    return [aud].flat().includes(AUDIENCE) && typeof sub === "string" ? sub : undefined;
  } catch {
    return undefined;
  }
}

/** Throws TokenError. Whether it was used before is for the caller to look up. */
export async function openAgentRequest(
  token: string,
  jwk: PublicJwk,
  now: number,
): Promise<AgentRequest> {
  const { iss, aud, sub, iat, nbf, exp, jti } = await openForeignToken(token, jwk);
  if (iss !== ISSUER) throw new TokenError("issuer", `A signed request has the issuer ${ISSUER}.`);
  if (!isForUs(aud))
    throw new TokenError("audience", `A signed request is for the audience ${AUDIENCE} alone.`);
  if (
    typeof sub !== "string" ||
    typeof jti !== "string" ||
    jti === "" ||
    jti.length > MAX_JTI_CHARS
  ) {
    throw new TokenError("claims", "A signed request needs sub and a jti of its own.");
  }
  if (
    !isTime(iat) ||
    !isTime(exp) ||
    (nbf !== undefined && !isTime(nbf)) ||
    exp <= iat ||
    exp - iat > MAX_SECONDS
  ) {
    throw new TokenError(
      "claims",
      `A signed request needs iat and exp, at most ${MAX_SECONDS} seconds apart.`,
    );
  }
  const seconds = now / 1_000;
  if (Math.max(iat, Number(nbf ?? iat)) > seconds + CLOCK_SKEW_S)
    throw new TokenError("not_yet_valid", "The signed request is of the future: set the clock.");
  if (exp <= seconds)
    throw new TokenError("expired", "The signed request has expired: sign another.");
  return { agentId: sub, jti, exp };
}

/** RFC 7519: an audience is a text, or a list; for others too it is none. */
function isForUs(aud: unknown): boolean {
  const [only, ...others] = Array.isArray(aud) ? aud : [aud];
  return only === AUDIENCE && others.length === 0;
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
