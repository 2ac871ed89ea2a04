import { createPublicKey, verify } from "node:crypto";
import type { JWK } from "jose";
import { type PublicJwk, publicJwkOf } from "./ed25519.ts";
import { anyObject, canonicalBytes, strictObject } from "./strict-json.ts";

/** The kinds of signed texts: one kind is never taken for another. */
export type TokenType =
  | "passport+jwt"
  | "receipt+jwt"
  | "audit-checkpoint+jwt"
  | "audit-retention+jwt"
  | "revocations+jwt";

/** The reasons for which a token is refused. */
export const REFUSALS = [
  "encoding",
  "header",
  "key",
  "signature",
  "claims",
  "issuer",
  "audience",
  "not_yet_valid",
  "expired",
  "unknown",
  "beyond_parent",
  "replayed",
  "revoked",
] as const;
export type Refusal = (typeof REFUSALS)[number];

export class TokenError extends Error {
  override readonly name = "TokenError";
  readonly refusal: Refusal;

  constructor(refusal: Refusal, message: string) {
    super(message);
    this.refusal = refusal;
  }
}

export interface SigningKey {
  readonly kid: string;
  /** With its private part `d`. */
  readonly privateJwk: JWK;
}

export type FindKey = (kid: string) => PublicJwk | undefined | Promise<PublicJwk | undefined>;

const TOKEN_CHARS = 32_768;
/** Some hundred thousand passports revoked within an hour. */
const LIST_CHARS = 8_388_608;
const IMPORTED_MOST = 200;
/** Loaded when the first token comes. */
const jose = () => import("jose");
type LoadedKey = Awaited<ReturnType<Awaited<ReturnType<typeof jose>>["importJWK"]>>;
const imported = new Map<string, Promise<LoadedKey>>();

/** Signs an object as a compact JWS. */
export async function signToken(
  type: TokenType,
  payload: object,
  { kid, privateJwk }: SigningKey,
): Promise<string> {
  const { CompactSign } = await jose();
  const key = await keyOf({ ...privateJwk, alg: "EdDSA" });
  return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: "EdDSA", typ: type, kid })
    .sign(key);
}

/**
 * The payload of a token that we signed. Its three segments are canonical, its header is `alg`,
 * `typ` and `kid` and nothing else, and no name is in it twice; that is looked at before the
 * signature. Throws TokenError.
 */
export async function openToken(
  token: string,
  type: TokenType,
  findKey: FindKey,
): Promise<Record<string, unknown>> {
  const most = type === "revocations+jwt" ? LIST_CHARS : TOKEN_CHARS;
  const [header, payload] = segmentsOf(token, most).map(strictObject);
  if (!header || !payload)
    throw new TokenError("encoding", "The token is not in its canonical form.");
  const { alg, typ, kid, ...others } = header;
  const names = Object.keys(others);
  if (names.length > 0)
    throw new TokenError("header", "The token's header has names beside alg, typ and kid.");
  if (alg !== "EdDSA") throw new TokenError("header", "The token is not signed by EdDSA.");
  if (typ !== type) throw new TokenError("header", `The token is not of the type ${type}.`);
  const jwk = typeof kid === "string" ? publicJwkOf(await findKey(kid)) : undefined;
  if (!jwk) throw new TokenError("key", "The token names an unknown key.");
  await requireSignature(token, jwk);
  return payload;
}

/** One algorithm by two names: RFC 8037 and RFC 9864. */
const FOREIGN_ALGORITHMS = ["EdDSA", "Ed25519"];

/**
 * The payload of a token that the holder of `jwk` signed, laid out as its library does that. Throws
 * TokenError.
 */
export async function openForeignToken(
  token: string,
  jwk: PublicJwk,
): Promise<Record<string, unknown>> {
  const { header, payload } = readUnverified(token);
  if (!FOREIGN_ALGORITHMS.includes(String(header.alg))) {
    throw new TokenError(
      "header",
      `The token's alg is none of ${FOREIGN_ALGORITHMS.join(" and ")}.`,
    );
  }
  const strange = Object.keys(header).filter((name) => !["alg", "typ", "kid"].includes(name));
  if (strange.length > 0)
    throw new TokenError("header", "The token's header has names beside alg, typ and kid.");
  if (header.typ !== undefined && header.typ !== "JWT")
    throw new TokenError("header", "The token is no JWT.");
  await requireSignature(token, jwk);
  return payload;
}

/**
 * Reads the claims of a token, which prove nothing. Throws TokenError for a text that is no token.
 */
export function readUnverified(token: string): {
  readonly header: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
} {
  const [header, payload] = segmentsOf(token, TOKEN_CHARS).map(anyObject);
  if (!header || !payload)
    throw new TokenError("encoding", "The token's segments are not canonical base64url of JSON.");
  return { header, payload };
}

/** Tells whether `signature` (base64url) is one of `message` under the key. */
export function isSignature(
  message: string | Uint8Array,
  signature: string,
  { kty, crv, x }: PublicJwk,
): boolean {
  const bytes = canonicalBytes(signature);
  if (bytes?.length !== SIGNATURE_BYTES) return false;
  return verify(
    null,
    Buffer.from(message),
    createPublicKey({ key: { kty, crv, x }, format: "jwk" }),
    bytes,
  );
}

const SIGNATURE_BYTES = 64;

function segmentsOf(token: string, most: number): string[] {
  const segments = token.length <= most ? token.split(".") : [];
  const canonical = segments.every((segment) => canonicalBytes(segment) !== undefined);
  if (segments.length === 3 && canonical) return segments;
  throw new TokenError("encoding", "The token is not three segments of canonical base64url.");
}

async function requireSignature(token: string, jwk: PublicJwk): Promise<void> {
  const { compactVerify } = await jose();
  const key = await keyOf(jwk);
  await compactVerify(token, key, { algorithms: FOREIGN_ALGORITHMS }).catch(() => {
    throw new TokenError("signature", "The token's key did not make its signature.");
  });
}

/** Making a key of its text costs as much as using it. */
function keyOf(jwk: JWK | PublicJwk): Promise<LoadedKey> {
  const name = `${"d" in jwk} ${jwk.x}`;
  const known = imported.get(name);
  if (known) return known;
  if (imported.size >= IMPORTED_MOST) imported.clear();
  const key = jose().then(({ importJWK }) => importJWK({ ...jwk }, "EdDSA"));
  imported.set(name, key);
  key.catch(() => imported.delete(name));
  return key;
}
