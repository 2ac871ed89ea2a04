import type { Json, JsonObject } from "../../src/shared/json.ts";

/** Chooses: the same seed makes the same values. */
export interface Dice {
  /** A whole number from 0 to below `sides`. */
  roll(sides: number): number;
}

const DEPTH = 5;
const WORDS = ["", "a", "true", "1.0.0", "http://example.com/a", "2026-11-26", "*", "A-b_1", "😀"];
const NUMBERS = [0, 1, -1, 2, 0.5, 10, 100, 65_536];

/**
 * A value that mostly keeps to the schema, as far as a look at each place tells; what it is worth a
 * validator says.
 */
export function instanceOf(schema: Json | undefined, root: Json, dice: Dice, depth = 0): Json {
  if (dice.roll(14) === 0) return anyOf<Json>([null, 1, "text", [], {}, true], dice);
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return anything(dice);
  const {
    $ref,
    const: only,
    enum: values,
    oneOf,
    anyOf: some,
    allOf,
    default: standard,
  } = schema as JsonObject;
  if (depth > DEPTH) return null;
  if (typeof $ref === "string" && $ref.startsWith("#"))
    return instanceOf(pointed(root, $ref), root, dice, depth + 1);
  if (only !== undefined) return only;
  if (Array.isArray(values) && values.length > 0) return anyOf(values as Json[], dice);
  if (standard !== undefined && dice.roll(4) === 0) return standard;
  for (const branches of [oneOf, some, allOf]) {
    if (!Array.isArray(branches) || branches.length === 0) continue;
    const chosen = anyOf(branches as Json[], dice);
    const merged =
      typeof chosen === "object" && chosen !== null ? { ...schema, ...chosen } : schema;
    const { oneOf: _one, anyOf: _any, allOf: _all, ...rest } = merged as JsonObject;
    return instanceOf({ ...rest, ...(Object(chosen) as JsonObject) }, root, dice, depth + 1);
  }
  return ofType(schema as JsonObject, root, dice, depth);
}

function ofType(schema: JsonObject, root: Json, dice: Dice, depth: number): Json {
  const types = [
    schema.type ?? (schema.properties ? "object" : schema.items ? "array" : "string"),
  ].flat() as string[];
  switch (anyOf(types, dice)) {
    case "object":
      return objectOf(schema, root, dice, depth);
    case "array": {
      const items = Array.isArray(schema.items) ? (schema.items[0] as Json) : schema.items;
      const size = Number(schema.minItems ?? 0) + dice.roll(3);
      return Array.from({ length: Math.min(size, 6) }, () =>
        instanceOf(items, root, dice, depth + 1),
      );
    }
    case "integer":
      return Math.round(Number(schema.minimum ?? anyOf(NUMBERS, dice)));
    case "number":
      return Number(schema.minimum ?? anyOf(NUMBERS, dice));
    case "boolean":
      return dice.roll(2) === 0;
    case "null":
      return null;
    default:
      return anyOf(WORDS, dice).padEnd(Math.min(Number(schema.minLength ?? 0), 50), "x");
  }
}

function objectOf(schema: JsonObject, root: Json, dice: Dice, depth: number): Json {
  const fields = Object.entries(Object(schema.properties) as JsonObject);
  const required = Array.isArray(schema.required) ? (schema.required as string[]) : [];
  const kept = fields.filter(([name]) =>
    required.includes(name) ? dice.roll(10) > 0 : dice.roll(fields.length + 1) < 4,
  );
  const made = kept.map(([name, field]) => [name, instanceOf(field, root, dice, depth + 1)]);
  const more =
    dice.roll(5) === 0
      ? [[`extra-${dice.roll(3)}`, instanceOf(schema.additionalProperties, root, dice, depth + 1)]]
      : [];
  return Object.fromEntries([...made, ...more]) as Json;
}

function pointed(root: Json, reference: string): Json | undefined {
  let found: Json | undefined = root;
  for (const part of decodeURIComponent(reference.slice(1)).split("/").filter(Boolean)) {
    found = (Object(found) as JsonObject)[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return found;
}

function anything(dice: Dice): Json {
  return anyOf<Json>(
    [null, true, anyOf(NUMBERS, dice), anyOf(WORDS, dice), [1, "a"], { a: 1 }],
    dice,
  );
}

function anyOf<T>(values: readonly T[], dice: Dice): T {
  return values[dice.roll(values.length)] as T;
}
