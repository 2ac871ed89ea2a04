import { createHmac, timingSafeEqual } from "node:crypto";
import type { Json } from "../../shared/json.ts";

const MAX_CHARS = 400;

/**
 * The last part of a page's address: what it stands for, and an HMAC-SHA256 over it. Nobody else
 * can make one.
 */
export function signLink(key: Buffer, facts: readonly Json[]): string {
  const payload = Buffer.from(JSON.stringify(facts)).toString("base64url");
  return `${payload}.${macOf(key, payload).toString("base64url")}`;
}

/** Gives what was sealed under the same key; undefined for a text that was not. */
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
