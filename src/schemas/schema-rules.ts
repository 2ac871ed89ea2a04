import type { Json, JsonObject } from "../shared/json.ts";
import { LIMITS } from "../shared/limits.ts";
import { cut } from "../shared/text.ts";
import { type Dialect, dialectOf, STANDARD } from "./dialects.ts";
import { HOLDS_BY_NAME, HOLDS_LIST, HOLDS_ONE } from "./keywords.ts";
import { patternEngine } from "./pattern-engine.ts";

const NAME_CHARS = 80;

/**
 * The reason a publisher's schema is not accepted, with the path, the cause and what to do;
 * undefined when it is. A schema is hostile input: its size, depth and number of references are
 * bounded, and its regular expressions run in linear time. What no keyword of JSON Schema holds is
 * not read as a schema.
 */
export function schemaProblem(schema: Json): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  if (bytes > LIMITS.schemaBytes) {
    return `it is ${bytes} bytes; at most ${LIMITS.schemaBytes} are allowed: leave out what no value is held against, such as examples`;
  }
  if (!isSchema(schema))
    return "it is neither an object nor a boolean; write an object, such as {}";
  const dialect = dialectOf(schema);
  if (dialect === undefined) return unknownDialect(schema);
  const walk = new SchemaWalk(dialect);
  const problem = walk.problemIn(schema, "", 0);
  if (problem !== undefined) return problem;
  if (walk.refs <= LIMITS.schemaRefs) return walk.unjudged();
  return `it has ${walk.refs} references; at most ${LIMITS.schemaRefs} are allowed: write out those that are used once`;
}

const UNJUDGED = [
  ["unevaluatedItems", "contains", "say what items are with items or prefixItems"],
  ["unevaluatedItems", "if", "write the alternatives as anyOf"],
  ["unevaluatedProperties", "if", "write the alternatives as anyOf"],
] as const;

/** Every place of a schema that is a schema. */
class SchemaWalk {
  refs = 0;
  readonly #dialect: Dialect;
  readonly #seen = new Map<string, string>();
  /** The first place of each reference. */
  readonly places = new Map<string, string>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  problemIn(node: Json | undefined, path: string, depth: number): string | undefined {
    if (typeof node !== "object" || node === null || Array.isArray(node)) return undefined;
    if (depth > LIMITS.schemaDepth) {
      return `it nests deeper than ${LIMITS.schemaDepth} levels at ${at(path)}: give inner parts a name under $defs`;
    }
    if ("unevaluatedItems" in node && sameItems(node)) {
      return `${path}/unevaluatedItems beside a branch with items is not supported: say what items are in one place`;
    }
    for (const [keyword, value] of Object.entries(node)) {
      const here = `${path}/${escaped(keyword)}`;
      const problem =
        this.#keywordProblem(keyword, value, here) ??
        this.#innerProblem(keyword, value, here, depth);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** A combination that the validator judges otherwise than the standard says. */
  unjudged(): string | undefined {
    for (const [keyword, beside, instead] of UNJUDGED) {
      const place = this.#seen.get(keyword);
      if (place === undefined || !this.#seen.has(beside)) continue;
      return `${place} in a schema that has ${beside} is not supported: ${instead}`;
    }
    return undefined;
  }

  #innerProblem(
    keyword: string,
    value: Json | undefined,
    path: string,
    depth: number,
  ): string | undefined {
    if (Array.isArray(value)) {
      if (!HOLDS_LIST.has(keyword)) return undefined;
      return firstProblem(value.entries(), ([index, one]) =>
        this.problemIn(one, `${path}/${index}`, depth + 2),
      );
    }
    if (HOLDS_ONE.has(keyword)) return this.problemIn(value, path, depth + 1);
    if (!HOLDS_BY_NAME.has(keyword) || typeof value !== "object" || value === null)
      return undefined;
    return firstProblem(Object.entries(value), ([name, one]) =>
      this.problemIn(one, `${path}/${escaped(name)}`, depth + 2),
    );
  }

  #keywordProblem(keyword: string, value: Json | undefined, path: string): string | undefined {
    switch (keyword) {
      case "$schema":
        return dialectOf({ $schema: value }) === this.#dialect
          ? undefined
          : `${path} names another dialect than the whole, which is judged by ${this.#dialect}; leave it out here`;
      case "$async":
        return `${path} is not part of JSON Schema; leave it out`;
      case "$recursiveRef":
      case "$dynamicRef":
        return `${path} is not supported: what it leads to depends on the way there; use $ref`;
      case "$ref":
        this.refs++;
        if (!this.places.has(String(value))) this.places.set(String(value), path);
        return undefined;
      case "contains":
      case "if":
      case "unevaluatedItems":
      case "unevaluatedProperties":
        this.#seen.set(keyword, this.#seen.get(keyword) ?? path);
        return undefined;
      case "pattern":
        return typeof value === "string" ? patternProblem(value, path) : undefined;
      case "patternProperties":
        return firstProblem(Object.keys(Object(value)), (pattern) => patternProblem(pattern, path));
      case "properties":
        return Object.hasOwn(Object(value), "__proto__")
          ? `${path}/__proto__ is not a name that is taken; use another`
          : undefined;
      default:
        return undefined;
    }
  }
}

/** The place of a reference, for an error that says that it leads nowhere. */
export function placeOfReference(schema: Json, reference: string): string {
  const walk = new SchemaWalk(dialectOf(schema) ?? STANDARD);
  walk.problemIn(schema, "", 0);
  return walk.places.get(reference) ?? "$ref";
}

/** True when a branch that is held against the same value says what all its items are. */
function sameItems(node: JsonObject): boolean {
  const { allOf, anyOf, oneOf, if: condition, then, else: otherwise } = node;
  const branches = [allOf, anyOf, oneOf, condition, then, otherwise].flat() as (Json | undefined)[];
  return branches.some((branch) => {
    if (typeof branch !== "object" || branch === null || Array.isArray(branch)) return false;
    const { items } = branch as JsonObject;
    return (items !== undefined && !Array.isArray(items)) || sameItems(branch as JsonObject);
  });
}

function isSchema(schema: Json): schema is JsonObject | boolean {
  return (
    typeof schema === "boolean" ||
    (typeof schema === "object" && schema !== null && !Array.isArray(schema))
  );
}

function unknownDialect(schema: Json): string {
  const { $schema: name } = Object(schema) as { readonly $schema?: unknown };
  const shown = cut(typeof name === "string" ? name : typeof name, NAME_CHARS);
  const known = "2020-12, 2019-09, draft-07 or draft-04";
  return `/$schema names a dialect that is not supported (${shown}): write it in ${known}, or leave $schema out for 2020-12`;
}

function patternProblem(pattern: string, path: string): string | undefined {
  try {
    patternEngine(pattern);
    return undefined;
  } catch {
    return `the regular expression at ${path} is not supported: it has lookaround or a backreference, or is not valid; write it without, or leave it out`;
  }
}

function firstProblem<T>(
  of: Iterable<T>,
  problemOf: (one: T) => string | undefined,
): string | undefined {
  for (const one of of) {
    const problem = problemOf(one);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function at(path: string): string {
  return path === "" ? "/" : path;
}

/** A name in a JSON pointer. */
function escaped(name: string): string {
  return cut(name, NAME_CHARS).replaceAll("~", "~0").replaceAll("/", "~1");
}
