import type { Json, JsonObject } from "../../shared/json.ts";
import { amountsIn } from "./amounts.ts";
import { fieldNamed, fieldsIn, nameOf } from "./fields.ts";
import { labelsIn } from "./labels.ts";
import { plainText } from "./plain-text.ts";
import { readStatement, type Statement } from "./statement.ts";

/** A text, and what was read in it. */
interface Reading {
  readonly text: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly statement: Statement;
}

const TEXT_CHARS = 50_000;
const MAX_DEPTH = 4;
const YES = /^(?:yes|true|y|ja|oui|si|sim|tak|はい|是)$/;
const NO = /^(?:no|false|n|nein|non|nao|nie|nej|いいえ|否)$/;
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const POINTED_DATE = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/;

/**
 * Says of the things that the `properties` of a schema have places for what the text says. What it
 * does not say is null.
 */
export function readShape(text: string, properties: JsonObject): JsonObject {
  return filled(properties, read(text), 0);
}

/** Everything in a text that has a name: its `Name: value` lines and the figures of an invoice. */
export function readFields(text: string): JsonObject {
  const { fields, statement } = read(text);
  const labelled = [...fields].map(
    ([name, value]) => [name.replaceAll(" ", "_"), numberIn(value) ?? value] as const,
  );
  const figures = Object.entries(statement).filter(([, value]) => value !== null);
  return Object.fromEntries([...labelled, ...figures]);
}

function read(whole: string): Reading {
  const text = whole.slice(0, TEXT_CHARS);
  return { text, fields: fieldsIn(text), statement: readStatement(text) };
}

/** A place that takes no null is left out when there is nothing for it. */
function filled(properties: JsonObject, reading: Reading, depth: number): JsonObject {
  const values = Object.entries(properties).map(
    ([name, schema]) => [name, valueFor(name, schema, reading, depth)] as const,
  );
  return Object.fromEntries(
    values.filter(([name, value]) => value !== null || takesNull(properties[name])),
  );
}

function valueFor(name: string, asked: Json | undefined, reading: Reading, depth: number): Json {
  const schema = schemaOf(asked);
  if (!schema || depth > MAX_DEPTH) return null;
  const places = schemaOf(schema.properties);
  if (places) return filled(places, reading, depth + 1);
  const { enum: choices } = schema;
  if (Array.isArray(choices)) return choiceIn(choices, nameOf(name), reading);
  const types = typesOf(schema);
  if (types.includes("number") || types.includes("integer"))
    return numberFor(name, types.includes("number"), reading);
  const found = fieldNamed(nameOf(name), reading.text, reading.fields);
  if (types.includes("boolean")) return truthOf(found);
  if (types.includes("string")) return textFor(name, schema, found, reading);
  return null;
}

function textFor(
  name: string,
  schema: JsonObject,
  found: string | undefined,
  { statement }: Reading,
): Json {
  if (found === undefined) return /currency/i.test(name) ? statement.currency : null;
  return schema.format === "date" ? dateIn(found) : found;
}

function numberFor(
  name: string,
  hasFractions: boolean,
  { text, fields, statement }: Reading,
): number | null {
  const words = nameOf(name);
  const isCents = / cents$/.test(words);
  const asked = words.replace(/ cents$/, "");
  const [label, more] = labelsIn(asked);
  const isWhole = label && !more && label.start === 0 && label.end === asked.length;
  const part = isWhole && label.part !== "other" ? label.part : undefined;
  const field = fieldNamed(asked, text, fields);
  const stated = field === undefined ? null : (numberIn(field) ?? null);
  const value = part ? statement[part] : stated;
  if (value === null) return null;
  const number = isCents ? Math.round(value * 100) : value;
  return hasFractions || Number.isInteger(number) ? number : null;
}

/** The one number of a value; undefined for none, or several. */
function numberIn(value: string): number | undefined {
  const [one, ...more] = amountsIn(plainText(value));
  return one && more.length === 0 && isAll(plainText(value), one) ? one.value : undefined;
}

function isAll(
  value: string,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  return !/[\p{L}\p{N}]/u.test(
    value.slice(0, start).replace(/\b[a-z]{3}\b/, "") +
      value.slice(end).replace(/\b[a-z]{3}\b/, ""),
  );
}

/** The one choice that the field, or else the text, names. */
function choiceIn(choices: readonly Json[], name: string, { text, fields }: Reading): Json {
  const said = plainText(fieldNamed(name, text, fields) ?? text);
  const words = new Set(said.split(/[^\p{L}\p{N}_-]+/u));
  const named = choices.filter(
    (choice) => typeof choice === "string" && words.has(plainText(choice)),
  );
  return named.length === 1 ? (named[0] ?? null) : null;
}

function truthOf(said: string | undefined): boolean | null {
  const plain = said === undefined ? "" : plainText(said).trim();
  if (YES.test(plain)) return true;
  return NO.test(plain) ? false : null;
}

/** A date in ISO 8601, where there is no doubt which number is the month. */
function dateIn(said: string): string | null {
  if (ISO_DATE.test(said)) return said;
  const [, day, month, year] = POINTED_DATE.exec(said) ?? [];
  return day && month && year ? `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}` : null;
}

/** The schema that is an object; undefined for `true`, `false` and what is none. */
export function schemaOf(value: Json | undefined): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

function takesNull(asked: Json | undefined): boolean {
  const schema = schemaOf(asked);
  if (!schema) return asked === true;
  if (Array.isArray(schema.enum)) return schema.enum.includes(null);
  const types = typesOf(schema);
  return types.length === 0 || types.includes("null") || schema.nullable === true;
}

function typesOf({ type }: JsonObject): readonly Json[] {
  if (type === undefined) return [];
  return Array.isArray(type) ? type : [type];
}
