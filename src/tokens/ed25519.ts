import { canonicalBytes } from "./strict-json.ts";

/** An Ed25519 public key as RFC 8037 writes it. */
export interface PublicJwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  /** The 32 bytes of the key, base64url. */
  readonly x: string;
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
  readonly use?: string | undefined;
}

export interface Jwks {
  readonly keys: readonly PublicJwk[];
}

const KEY_BYTES = 32;

/**
 * The key in a JWK and nothing else of it; undefined for what is no Ed25519 public key for
 * signatures.
 */
export function publicJwkOf(value: unknown): PublicJwk | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kty, crv, x, kid, alg, use, key_ops, d } = value as Record<string, unknown>;
  if (kty !== "OKP" || crv !== "Ed25519" || typeof x !== "string" || d !== undefined)
    return undefined;
  if (canonicalBytes(x)?.length !== KEY_BYTES || LOW_ORDER.has(x)) return undefined;
  if (alg !== undefined && alg !== "EdDSA" && alg !== "Ed25519") return undefined;
  if (use !== undefined && use !== "sig") return undefined;
  if (key_ops !== undefined && !(Array.isArray(key_ops) && key_ops.includes("verify")))
    return undefined;
  if (kid !== undefined && typeof kid !== "string") return undefined;
  return { kty, crv, x, ...(kid === undefined ? {} : { kid }) };
}

/**
 * Points of small order: under one of these, signatures can be made without a private key (RFC
 * 8032, section 8.9 and its errata).
 */
const LOW_ORDER: ReadonlySet<string> = new Set(
  [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  ].map((hex) => Buffer.from(hex, "hex").toString("base64url")),
);
