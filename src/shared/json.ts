import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { LIMITS } from "./limits.ts";

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/**
 * RFC 8785 text of a JSON value. Throws TypeError on what JSON cannot say (NaN, lone surrogates,
 * cycles).
 */
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
 * Parses JSON that somebody hostile may have written: nesting is bounded before anything recursive
 * sees it, and a `__proto__` key is dropped. Throws HostileJsonError.
 */
export function parseHostileJson(text: string, maxDepth: number = LIMITS.jsonDepth): Json {
  if (depthExceeds(text, maxDepth))
    throw new HostileJsonError(`nested deeper than ${maxDepth} levels`);
  try {
    return JSON.parse(text, (key, value) => (key === "__proto__" ? undefined : value)) as Json;
  } catch {
    throw new HostileJsonError("not valid JSON");
  }
}

/** The first thing that keeps a parsed value from being stored, or handed on as it was written. */
export interface JsonProblem {
  readonly kind: "depth" | "unicode" | "digits";
  /** `items.0.total`; empty for the whole, and for what is too deep. */
  readonly path: string;
  readonly rule: string;
}

/**
 * Too much nesting, text that is not valid Unicode, or a number that loses digits. It recurses only
 * as deep as was found sound.
 */
export function jsonProblem(
  value: unknown,
  maxDepth: number,
  measures: readonly string[] = [],
): JsonProblem | undefined {
  if (measures.length > 0 && isRecord(value)) return problemBeside(value, maxDepth, measures);
  return problemIn(value, maxDepth, digitsProblem);
}

/** The fields `measures` hold numbers that are measures however large they are. */
function problemBeside(
  value: Readonly<Record<string, unknown>>,
  maxDepth: number,
  measures: readonly string[],
) {
  const entries = Object.entries(value);
  const rest = Object.fromEntries(entries.filter(([name]) => !measures.includes(name)));
  const found = problemIn(rest, maxDepth, digitsProblem);
  if (found) return found;
  for (const name of measures) {
    const problem = problemIn(value[name], maxDepth - 1, () => undefined);
    if (problem) return { ...problem, path: [name, problem.path].filter(Boolean).join(".") };
  }
  return undefined;
}

type Digits = (value: number) => string | undefined;

function problemIn(value: unknown, maxDepth: number, digits: Digits): JsonProblem | undefined {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const item of level) {
      const rule = scalarProblem(item, digits);
      const kind = typeof item === "string" ? "unicode" : "digits";
      if (rule !== undefined)
        return { kind, path: (pathTo(value, depth, digits) ?? []).join("."), rule };
      if (typeof item !== "object" || item === null) continue;
      if (depth >= maxDepth)
        return { kind: "depth", path: "", rule: `nests deeper than ${maxDepth} levels` };
      if (!Array.isArray(item)) for (const key of Object.keys(item)) next.push(key);
      for (const inner of Object.values(item)) next.push(inner);
    }
    level = next;
  }
  return undefined;
}

function scalarProblem(value: unknown, digits: Digits): string | undefined {
  if (typeof value === "string")
    return value.isWellFormed() ? undefined : "has text that is not well-formed Unicode";
  if (typeof value !== "number" || Number.isSafeInteger(value)) return undefined;
  return Number.isFinite(value) ? digits(value) : "has a number that is too large to be one";
}

/**
 * A whole number is exact up to 2^53 − 1. One that is written with an exponent is a measure, and
 * rounded anyway.
 */
function digitsProblem(value: number): string | undefined {
  if (!Number.isInteger(value) || String(value).includes("e")) return undefined;
  return "has a whole number beyond 9007199254740991 that would lose digits: send it as text";
}

/**
 * The path to the first scalar with a problem, `depth` levels down; of a key, the path to its
 * object.
 */
function pathTo(value: unknown, depth: number, digits: Digits): string[] | undefined {
  if (depth === 0) return scalarProblem(value, digits) === undefined ? undefined : [];
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (depth === 1 && scalarProblem(key, digits) !== undefined) return [];
    const below = pathTo(inner, depth - 1, digits);
    if (below) return [key, ...below];
  }
  return undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Returns a value without the members that are undefined, at any depth; the value itself where it
 * has none.
 */
export function withoutGaps<T>(value: T): T {
  if (Array.isArray(value)) return withoutGapsIn(value) as T;
  if (!isRecord(value)) return value;
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(value)) {
    const member = value[name];
    const kept = withoutGaps(member);
    if (kept === member && member !== undefined) continue;
    copy ??= { ...value };
    if (member === undefined) delete copy[name];
    // An assignment to __proto__ would be something else.
    else Object.defineProperty(copy, name, { ...PLAIN, value: kept });
  }
  return (copy ?? value) as T;
}

const PLAIN = { enumerable: true, configurable: true, writable: true } as const;

function withoutGapsIn(items: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (const [index, item] of items.entries()) {
    const kept = withoutGaps(item);
    if (kept === item) continue;
    copy ??= [...items];
    copy[index] = kept;
  }
  return copy ?? items;
}

/** Tells whether a text that may be JSON nests deeper than `maxDepth`, without recursion. */
export function depthExceeds(text: string, maxDepth: number): boolean {
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
