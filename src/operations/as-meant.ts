import * as z from "zod";
import { DomainError } from "../shared/errors.ts";
import { type IdPrefix, isId } from "../shared/ids.ts";
import { isRecord } from "../shared/json.ts";
import type { Operation } from "./define-operation.ts";
import { FIELD_MARKS } from "./field-marks.ts";
import { flatSchema, type SchemaNode } from "./flat-schema.ts";

const WHOLE_NUMBER_OR_DECIMAL = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,14})?$/;
const TRUTH: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  True: true,
  False: false,
};

/**
 * Returns a client's input as it was meant. Clients write null or `""` for an absent field (some in
 * a strict mode), JSON text for an object, `"5"` for 5, an id with blanks or capitals. Changes only
 * the fields of the operation's contract: the members of an open object (`input`, `output`, a
 * schema) are the caller's.
 *
 * Never leaves out a field whose absence asks for more: throws INVALID_REQUEST with its name.
 */
export function asMeant(operation: Operation, raw: unknown): unknown {
  return meant(schemaOf(operation), raw ?? {}, "");
}

const SCHEMAS = new WeakMap<z.ZodObject, SchemaNode>();

/** The contract of an operation's input with its marks, flat. */
export function schemaOf({ input }: Operation): SchemaNode {
  const known = SCHEMAS.get(input);
  if (known) return known;
  const schema = flatSchema(z.toJSONSchema(input, { io: "input" }) as SchemaNode);
  SCHEMAS.set(input, schema);
  return schema;
}

/** The fields of an operation's input that hold a publisher's schema. */
export function schemaFieldsOf(operation: Operation): readonly string[] {
  const { properties = {} } = schemaOf(operation);
  return Object.keys(properties).filter(
    (name) => properties[name]?.[FIELD_MARKS.holds] === "schema",
  );
}

/** Lists the numbers of an input that were beyond their bounds and were cut to them. */
export function cutNotes(operation: Operation, raw: unknown): string[] {
  const { properties = {} } = schemaOf(operation);
  const given = isRecord(raw) ? raw : {};
  return Object.entries(properties).flatMap(([name, field]) => {
    if (!(FIELD_MARKS.cut in field) || given[name] === undefined || given[name] === null) return [];
    const taken = withinBounds(field, Number(given[name]));
    return taken === Number(given[name])
      ? []
      : [`${name} was taken as ${taken}: ${field.minimum} to ${field.maximum} are possible.`];
  });
}

function withinBounds({ minimum, maximum }: SchemaNode, number: number): number {
  return Number.isFinite(number)
    ? Math.trunc(Math.min(Number(maximum), Math.max(Number(minimum), number)))
    : number;
}

function meant(node: SchemaNode, value: unknown, path: string): unknown {
  const { type, properties, items } = node;
  if (typeof value === "number") return FIELD_MARKS.cut in node ? withinBounds(node, value) : value;
  if (typeof value === "string") {
    const read = fromText(node, value);
    return typeof read === "string" ? read : meant(node, read, path);
  }
  if (type === "array" && Array.isArray(value) && isRecord(items)) {
    return value.map((item, index) => meant(items as SchemaNode, item, within(path, index)));
  }
  if (type !== "object" || properties === undefined || !isRecord(value)) return value;
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (field === undefined) return [[name, inner]];
    const at = within(path, name);
    if (!node.required?.includes(name) && isLeftOut(field, inner, at)) return [];
    return [[name, meant(field, inner, at)]];
  });
  return Object.fromEntries(entries);
}

/**
 * Reads a text where only another type fits. An unreadable text stays, and the strict parse refuses
 * it.
 */
function fromText({ type, [FIELD_MARKS.names]: names }: SchemaNode, text: string): unknown {
  switch (type) {
    case "object":
    case "array":
      return structureIn(text, type) ?? text;
    case "integer":
    case "number":
      return WHOLE_NUMBER_OR_DECIMAL.test(text.trim()) ? Number(text) : text;
    case "boolean":
      return TRUTH[text.trim()] ?? text;
    default:
      return names === undefined ? text : idIn(text, String(names));
  }
}

function structureIn(text: string, type: "object" | "array"): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const isMeant = type === "array" ? Array.isArray(value) : isRecord(value);
    return isMeant ? value : undefined;
  } catch {
    return undefined;
  }
}

function idIn(text: string, prefix: string): string {
  const trimmed = text.trim();
  const lower = trimmed.toLowerCase();
  return isId(prefix as IdPrefix, lower) ? lower : trimmed;
}

/**
 * A field left out of a change keeps its value, so an empty text in a change is a value, which the
 * parse judges.
 */
function isLeftOut(field: SchemaNode, value: unknown, path: string): boolean {
  const isEmpty = typeof value === "string" && value.trim() === "";
  if (value !== null && !isEmpty) return false;
  const absence = field[FIELD_MARKS.absent];
  if (value === null ? takesNull(field) : absence === "stays") return false;
  if (absence === "more") throw wider(path, value === null ? "null" : "empty");
  return true;
}

function wider(path: string, what: string): DomainError {
  const message = `${path} is ${what}. Without ${path} the call asks for more, so the field does not count as left out: give a value, or leave the field out.`;
  return new DomainError("INVALID_REQUEST", message, { issues: [{ path, rule: `is ${what}` }] });
}

function takesNull({ type, enum: values }: SchemaNode): boolean {
  if (type === undefined) return values?.includes(null) ?? true;
  return type === "null" || (Array.isArray(type) && type.includes("null"));
}

function within(path: string, part: string | number): string {
  return path === "" ? String(part) : `${path}.${part}`;
}
