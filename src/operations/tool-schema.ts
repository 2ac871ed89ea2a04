import * as z from "zod";

type JsonSchema = { [key: string]: unknown };

/**
 * A wire schema as clients are shown it: canonical spellings only, without `$schema`, closed-object marks and the bounds
 * that every safe integer has. It costs tokens in every conversation.
 */
export function toolSchema(schema: z.ZodObject, io: "input" | "output"): JsonSchema & { type: "object" } {
  const { $schema, ...shown } = strip(z.toJSONSchema(schema, { io })) as JsonSchema;
  return { ...shown, type: "object" };
}

function strip(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strip);
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(([key, value]) => !isNoise(key, value));
  return Object.fromEntries(kept.map(([key, value]) => [key, strip(value)]));
}

function isNoise(key: string, value: unknown): boolean {
  if (key === "additionalProperties") return value === false || isEmpty(value);
  if (key === "propertyNames") return true;
  return (key === "minimum" || key === "maximum") && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
