import { createHmac, timingSafeEqual } from "node:crypto";
import type { Json } from "../../shared/json.ts";

const MAX_CHARS = 400;

/**
 * Returns the last part of a page's address: its facts, and an HMAC-SHA256 over them. Nobody else
 * can make such a link.
 */
export function signLink(key: Buffer, facts: readonly Json[]): string {
  const payload = Buffer.from(JSON.stringify(facts)).toString("base64url");
  return `${payload}.${macOf(key, payload).toString("base64url")}`;
}

/** Returns the facts of a link made with the same key; undefined for any other text. */
export function verifyLink(key: Buffer, text: string): readonly Json[] | undefined {
  const [payload = "", mac = "", ...rest] = text.slice(0, MAX_CHARS).split(".");
  const [expected, given] = [macOf(key, payload), Buffer.from(mac, "base64url")];
  if (rest.length > 0 || expected.length !== given.length || !timingSafeEqual(expected, given))
    return undefined;
  if (given.toString("base64url") !== mac) return undefined;
  return JSON.parse(Buffer.from(payload, "base64url").toString()) as readonly Json[];
}

function macOf(key: Buffer, payload: string): Buffer {
  return createHmac("sha256", key).update(payload).digest();
}
