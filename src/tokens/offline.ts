import type { createRemoteJWKSet } from "jose";
import { systemClock } from "../shared/clock.ts";
import { type ExportReport, verifyExport } from "./audit-export.ts";
import { type AuditCheckpoint, openCheckpoint } from "./checkpoint-token.ts";
import type { Jwks, PublicJwk } from "./ed25519.ts";
import { findIn, onlyKey, openPassport, type PassportClaims } from "./passport-token.ts";
import { type FindKey, openToken, TokenError } from "./token.ts";

/** The origin of the keys that a token is checked with: one of the three. */
export interface KeySource {
  /** Fetched when it is first needed, kept, and fetched again for a key that it did not have. */
  readonly jwksUrl?: string | URL | undefined;
  readonly jwks?: Jwks | undefined;
  readonly publicJwk?: PublicJwk | undefined;
}

export interface OfflineOptions extends KeySource {
  /** The issuer that the token must name; without it, any issuer whose key is known. */
  readonly issuer?: string | undefined;
  /** The signed list of `/v1/.well-known/revocations.jwt`; a passport on it is refused. */
  readonly revocations?: string | undefined;
  /** Epoch milliseconds; left out: now. */
  readonly now?: number | undefined;
}

const remotes = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

/**
 * Returns the claims of a passport that is signed well and not expired, without asking its server.
 * A revocation is known only from `revocations`. Throws TokenError, whose `refusal` says why.
 */
export async function verifyPassportOffline(
  token: string,
  options: OfflineOptions,
): Promise<PassportClaims> {
  const { issuer, revocations, now = systemClock.now() } = options;
  const findKey = keysFrom(options);
  const issuers = issuer === undefined ? {} : { issuers: [issuer] };
  const claims = await openPassport(token, { findKey, now, ...issuers });
  if (revocations !== undefined) await requireUnlisted(claims, revocations, findKey, now);
  return claims;
}

/** Returns the facts of a receipt, once its signature is checked. Throws TokenError. */
export async function verifyReceiptOffline(
  receipt: string,
  options: KeySource,
): Promise<Record<string, unknown>> {
  return openToken(receipt, "receipt+jwt", keysFrom(options));
}

/** Returns the contents of a signed checkpoint of an audit chain. Throws TokenError. */
export async function verifyCheckpointOffline(
  checkpoint: string,
  options: KeySource,
): Promise<AuditCheckpoint> {
  return openCheckpoint(checkpoint, keysFrom(options));
}

/**
 * Walks an export of an audit chain (JSON lines). With a key source the signed checkpoint at its
 * end is checked too. Never throws for what is wrong with it: the report says so.
 */
export async function verifyAuditExportOffline(
  text: string,
  options: KeySource = {},
): Promise<ExportReport> {
  const hasKeys = options.jwks ?? options.jwksUrl ?? options.publicJwk;
  return verifyExport(text, hasKeys === undefined ? undefined : keysFrom(options));
}

async function requireUnlisted(
  claims: PassportClaims,
  list: string,
  findKey: FindKey,
  now: number,
): Promise<void> {
  const { iss, exp, jtis } = await openToken(list, "revocations+jwt", findKey);
  if (iss !== claims.iss || !Array.isArray(jtis)) {
    throw new TokenError("claims", "Another server signed the list of revocations.");
  }
  if (typeof exp !== "number" || exp <= now / 1_000) {
    throw new TokenError("expired", "The list of revocations is too old: fetch it again.");
  }
  if (jtis.includes(claims.jti)) throw new TokenError("revoked", "The passport has been revoked.");
}

function keysFrom({ jwksUrl, jwks, publicJwk }: KeySource): FindKey {
  if (jwks) return findIn(jwks);
  if (publicJwk) return onlyKey(publicJwk);
  if (jwksUrl !== undefined) return remoteKeys(String(jwksUrl));
  throw new TypeError("Give jwksUrl, jwks or publicJwk: without a key nothing can be verified.");
}

function remoteKeys(url: string): FindKey {
  return async (kid) => {
    const { createRemoteJWKSet: open } = await import("jose");
    const remote = remotes.get(url) ?? open(new URL(url));
    remotes.set(url, remote);
    await remote({ alg: "EdDSA", kid }).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== "ERR_JWKS_NO_MATCHING_KEY") throw error;
    });
    return remote.jwks()?.keys.find((key) => key.kid === kid) as PublicJwk | undefined;
  };
}
