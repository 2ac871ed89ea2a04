import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { newId } from "../../shared/ids.ts";

const PREFIX = "sk_live_op_";
const ID_CHARS = 26;
const SECRET_BYTES = 32;
const KEY_PATTERN = /^sk_live_op_[0-7][0-9a-hjkmnp-tv-z]{25}[A-Za-z0-9_-]{43}$/;

export interface NewApiKey {
  readonly id: string;
  /** Shown once and stored nowhere. */
  readonly key: string;
  readonly mac: string;
}

/**
 * Makes a key: `sk_live_op_`, the 26 characters that find its row, and 256 random bits. The
 * database keeps only an HMAC-SHA256 under the pepper.
 */
export function createApiKey(pepper: Buffer): NewApiKey {
  const id = newId("key");
  const key = `${PREFIX}${id.slice("key_".length)}${randomBytes(SECRET_BYTES).toString("base64url")}`;
  return { id, key, mac: apiKeyMac(key, pepper) };
}

/** Returns the id of a key's row; undefined for text that is no operator key. */
export function apiKeyId(key: string): string | undefined {
  return KEY_PATTERN.test(key)
    ? `key_${key.slice(PREFIX.length, PREFIX.length + ID_CHARS)}`
    : undefined;
}

/** Compares two MACs in constant time. */
export function sameMac(one: string, other: string): boolean {
  const [expected, actual] = [Buffer.from(one, "hex"), Buffer.from(other, "hex")];
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** Returns the hexadecimal HMAC-SHA256 of the whole key. */
export function apiKeyMac(key: string, pepper: Buffer): string {
  return createHmac("sha256", pepper).update(key, "utf8").digest("hex");
}
