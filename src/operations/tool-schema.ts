import * as z from "zod";
import { FIELD_MARKS } from "./field-marks.ts";
import { flatSchema } from "./flat-schema.ts";
import { inWords } from "./schema-words.ts";

type JsonSchema = { readonly [key: string]: unknown };

const MARKS: readonly string[] = Object.values(FIELD_MARKS);

/**
 * A wire schema as clients are shown it: canonical spellings only, flat, without `$schema`,
 * closed-object marks and the bounds that every safe integer has. It costs tokens in every
 * conversation.
 */
export function toolSchema(
  schema: z.ZodObject,
  io: "input" | "output",
): JsonSchema & { type: "object" } {
  const whole = shown(
    schema,
    io,
    (key, value, node) => isOurs(key, value) || isNoise(key, value, node) || isUnshown(value),
  );
  if (io === "output") return { ...whole, type: "object" };
  const described = inWords(flatSchema(whole));
  // Some clients take a tool without arguments only when it says so.
  const isBare = Object.keys(described.properties ?? {}).length === 0;
  return { ...described, type: "object", ...(isBare ? { additionalProperties: false } : {}) };
}

/** The same whole, with the names of shapes. */
export function namedSchemaOf(schema: z.ZodObject, io: "input" | "output"): JsonSchema {
  return shown(schema, io, (key, value) => key !== FIELD_MARKS.shape && isOurs(key, value));
}

/** The same whole, for readers. */
export function jsonSchemaOf(schema: z.ZodObject, io: "input" | "output"): JsonSchema {
  return shown(schema, io, isOurs);
}

type LeftOut = (key: string, value: unknown, node: JsonSchema) => boolean;

function shown(schema: z.ZodObject, io: "input" | "output", isLeftOut: LeftOut): JsonSchema {
  const { $schema, ...whole } = z.toJSONSchema(schema, { io });
  return strip(whole, isLeftOut);
}

function strip(node: JsonSchema, isLeftOut: LeftOut): JsonSchema {
  const inner = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inner);
    return typeof value === "object" && value !== null
      ? strip(value as JsonSchema, isLeftOut)
      : value;
  };
  const kept = Object.entries(node).filter(([key, value]) => !isLeftOut(key, value, node));
  return Object.fromEntries(kept.map(([key, value]) => [key, inner(value)]));
}

function isNoise(key: string, value: unknown, node: JsonSchema): boolean {
  // An id is as long as ids are, and what is copied as it was.
  if (key === "maxLength") return FIELD_MARKS.names in node || FIELD_MARKS.copied in node;
  if (key === "additionalProperties") return value === false || isEmpty(value);
  return key === "propertyNames";
}

/** True of our marks, and of the bounds that every whole number in JSON has. */
function isOurs(key: string, value: unknown): boolean {
  return (
    MARKS.includes(key) ||
    (typeof value === "number" && Math.abs(value) === Number.MAX_SAFE_INTEGER)
  );
}

/** True of a field that is accepted, and that models are not shown. */
function isUnshown(value: unknown): boolean {
  return typeof value === "object" && value !== null && FIELD_MARKS.unshown in value;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
