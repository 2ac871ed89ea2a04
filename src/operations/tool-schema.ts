import * as z from "zod";
import { FIELD_MARKS } from "./field-marks.ts";

type JsonSchema = { readonly [key: string]: unknown };

const MARKS: readonly string[] = Object.values(FIELD_MARKS);

/**
 * A wire schema as clients are shown it: canonical spellings only, without `$schema`, closed-object marks and the bounds
 * that every safe integer has. It costs tokens in every conversation.
 */
export function toolSchema(schema: z.ZodObject, io: "input" | "output"): JsonSchema & { type: "object" } {
  return { ...strip(jsonSchemaOf(schema, io), isNoise), type: "object" };
}

/** The same whole, for OpenAPI. */
export function jsonSchemaOf(schema: z.ZodObject, io: "input" | "output"): JsonSchema {
  const { $schema, ...whole } = z.toJSONSchema(schema, { io });
  return strip(whole, (key, value) => MARKS.includes(key) || isSafeBound(value));
}

function strip(node: JsonSchema, isLeftOut: (key: string, value: unknown) => boolean): JsonSchema {
  const inner = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inner);
    return typeof value === "object" && value !== null ? strip(value as JsonSchema, isLeftOut) : value;
  };
  const kept = Object.entries(node).filter(([key, value]) => !isLeftOut(key, value));
  return Object.fromEntries(kept.map(([key, value]) => [key, inner(value)]));
}

function isNoise(key: string, value: unknown): boolean {
  if (key === "additionalProperties") return value === false || isEmpty(value);
  return key === "propertyNames";
}

/** Every whole number in JSON is within these. */
function isSafeBound(value: unknown): boolean {
  return Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
