import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { LIMITS } from "./limits.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/** RFC 8785 text of a JSON value. Throws TypeError on what JSON cannot say (NaN, lone surrogates, cycles). */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("not a JSON value");
  return text;
}

/** `sha256:` and the hexadecimal SHA-256 of the value's RFC 8785 text. */
export function digestOf(value: unknown): string {
  return `sha256:${sha256Hex(canonicalJson(value))}`;
}

export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

export class HostileJsonError extends Error {
  override readonly name = "HostileJsonError";
}

/**
 * Parses JSON that somebody hostile may have written: nesting is bounded before anything recursive sees it, and a
 * `__proto__` key is dropped. Throws HostileJsonError.
 */
export function parseHostileJson(text: string, maxDepth: number = LIMITS.jsonDepth): Json {
  if (depthExceeds(text, maxDepth)) throw new HostileJsonError(`nested deeper than ${maxDepth} levels`);
  try {
    return JSON.parse(text, (key, value) => (key === "__proto__" ? undefined : value)) as Json;
  } catch {
    throw new HostileJsonError("not valid JSON");
  }
}

/** What keeps a parsed value from being stored: too much nesting, or text that is no Unicode. Found without recursion. */
export function jsonProblem(value: unknown, maxDepth: number): string | undefined {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item === "string" && !item.isWellFormed()) return "has text that is not well-formed Unicode";
      if (typeof item !== "object" || item === null) continue;
      if (depth >= maxDepth) return `nests deeper than ${maxDepth} levels`;
      if (!Array.isArray(item)) for (const key of Object.keys(item)) next.push(key);
      for (const inner of Object.values(item)) next.push(inner);
    }
    level = next;
  }
  return undefined;
}

function depthExceeds(text: string, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inString) {
      if (char === 0x5c) i++;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) {
      if (++depth > maxDepth) return true;
    } else if (char === 0x7d || char === 0x5d) depth--;
  }
  return false;
}
