import type { Json, JsonObject } from "../shared/json.ts";
import { type Dialect, REFERS_ALONE } from "./dialects.ts";
import { HOLDS_BY_NAME, HOLDS_LIST, HOLDS_ONE } from "./keywords.ts";

/**
 * A schema written so that the validator judges it as its dialect says: what stands beside a `$ref`
 * of an old draft means nothing, an empty `enum` fits nothing, and `nullable: true` takes null.
 * Places keep their pointers.
 */
export function prepared(schema: Json | undefined, dialect: Dialect): Json | undefined {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return schema;
  const inner = Object.entries(schema)
    .filter(([keyword]) => dialect !== "draft-04" || !YOUNGER.has(keyword))
    .map(([keyword, value]) => [keyword, preparedValue(keyword, value, dialect)]);
  const whole = nullable(withoutSiblings(Object.fromEntries(inner) as JsonObject, dialect));
  return dialect === "draft-04" ? whole : withEnum(whole);
}

/** Words that mean nothing in draft-04, and something to its validator. */
const YOUNGER = new Set(["const", "contains", "propertyNames", "if", "then", "else"]);

function preparedValue(
  keyword: string,
  value: Json | undefined,
  dialect: Dialect,
): Json | undefined {
  if (Array.isArray(value)) {
    return HOLDS_LIST.has(keyword)
      ? value.map((one: Json) => prepared(one, dialect) as Json)
      : value;
  }
  if (HOLDS_ONE.has(keyword)) return prepared(value, dialect);
  if (!HOLDS_BY_NAME.has(keyword) || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, prepared(one, dialect)]),
  );
}

const NULL = { type: "null" };

/** Takes null too: as a type, as one more branch, and beside what a reference leads to. */
function nullable({ nullable: isNullable, ...schema }: JsonObject): JsonObject {
  if (isNullable !== true) return schema;
  const { $ref, ...rest } = schema;
  const widened = Object.fromEntries(
    Object.entries(rest).map(([keyword, value]) => [keyword, withNull(keyword, value)]),
  );
  if ($ref === undefined) return widened;
  const { allOf } = rest;
  return {
    ...widened,
    allOf: [...(Array.isArray(allOf) ? allOf : []), { anyOf: [{ $ref }, NULL] }],
  };
}

function withNull(keyword: string, value: Json | undefined): Json | undefined {
  if (keyword === "type") return [...new Set([value, "null"].flat())] as Json;
  return (keyword === "anyOf" || keyword === "oneOf") && Array.isArray(value)
    ? [...value, NULL]
    : value;
}

/** Its definitions can still be pointed at. */
function withoutSiblings(schema: JsonObject, dialect: Dialect): JsonObject {
  if (!REFERS_ALONE.includes(dialect) || typeof schema.$ref !== "string") return schema;
  const { $ref, definitions, $defs, nullable: isNullable } = schema;
  return {
    $ref,
    ...(isNullable === undefined ? {} : { nullable: isNullable }),
    ...(definitions === undefined ? {} : { definitions }),
    ...($defs === undefined ? {} : { $defs }),
  };
}

/** An `enum` of nothing is legal, and the validator does not take it. */
function withEnum(schema: JsonObject): JsonObject {
  if (!Array.isArray(schema.enum) || schema.enum.length > 0) return schema;
  const { enum: _nothing, ...rest } = schema;
  return { ...rest, not: {} };
}
