import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileSchema, UnsupportedSchemaError } from "../../src/schemas/compile.ts";
import type { Json } from "../../src/shared/json.ts";
import { LIMITS } from "../../src/shared/limits.ts";

interface Group {
  readonly description: string;
  readonly schema: Json;
  readonly tests: readonly { readonly description: string; readonly data: unknown; readonly valid: boolean }[];
}

const folder = new URL("../fixtures/vectors/json-schema/", import.meta.url);

/** Groups whose schema is refused, and why. Everything else has to be judged as the suite says. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  "remote references are not followed": /outside the schema|can't resolve reference/,
  "another dialect": /another dialect/,
  "long names of Unicode classes": /regular expression/,
  "dynamic references": /\$dynamicRef is not supported/,
  "an empty enum": /enum must have non-empty array/,
};

/** Where ajv judges otherwise than the suite. The list is exact: a case that is mended has to leave it. */
const JUDGED_OTHERWISE: ReadonlySet<string> = new Set(
  readFileSync(new URL("../../json-schema-deviations.txt", folder), "utf8").trim().split("\n"),
);

describe("the JSON Schema test suite, draft 2020-12", () => {
  const seen = { judged: 0, refused: 0 };
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    const groups = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Group[];
    test(file, () => {
      for (const group of groups) judge(file, group, seen);
    });
  }
  test("hardly any of it is refused", () => {
    expect(seen.judged).toBeGreaterThan(1_100);
    expect(seen.refused).toBeLessThan(160);
  });
});

function judge(file: string, group: Group, seen: { judged: number; refused: number }): void {
  let validate: ReturnType<typeof compileSchema>;
  try {
    validate = compileSchema(group.schema);
  } catch (error) {
    expect(error, `${file}: ${group.description}`).toBeInstanceOf(UnsupportedSchemaError);
    const known = Object.values(REFUSED).some((reason) => reason.test((error as Error).message));
    expect(known, `${file}: ${group.description}: ${(error as Error).message}`).toBe(true);
    seen.refused += group.tests.length;
    return;
  }
  for (const { description, data, valid } of group.tests) {
    seen.judged++;
    const actual = validate(data).length === 0;
    const name = `${file}: ${group.description}: ${description}`;
    const expected = JUDGED_OTHERWISE.has(name) ? !valid : valid;
    if (actual !== expected) expect.soft({ name, actual }).toEqual({ name, actual: expected });
  }
}

const fits = (schema: Json, value: unknown) => compileSchema(schema)(value).length === 0;

test("two patterns in one schema are told apart", () => {
  const schema = { properties: { a: { pattern: "^a$" }, b: { pattern: "^b$" } } };
  expect(fits(schema, { a: "a", b: "b" })).toBe(true);
  expect(fits(schema, { a: "a", b: "a" })).toBe(false);
});

test("a catastrophic pattern is matched in linear time", () => {
  const started = performance.now();
  expect(fits({ pattern: "^(a+)+$" }, `${"a".repeat(50_000)}!`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test.each<[string, Json, RegExp]>([
  ["a remote $ref", { $ref: "https://example.com/schema.json" }, /outside the schema/],
  ["a file $ref", { properties: { a: { $ref: "file:///etc/passwd" } } }, /outside the schema/],
  ["a remote $ref hidden in a const", { const: { $ref: "http://x/y" }, $ref: "#/const" }, /.+/],
  ["lookahead", { pattern: "(?=a)b" }, /lookaround/],
  ["a backreference", { pattern: "(a)\\1" }, /lookaround/],
  ["a pattern property that is no expression", { patternProperties: { "(": {} } }, /regular expression/],
  ["another dialect", { $schema: "http://json-schema.org/draft-07/schema#" }, /dialect/],
  ["an asynchronous schema", { $async: true }, /not part/],
  ["a number", 7, /neither/],
  ["an array", [], /neither/],
  ["an unknown type", { type: "strnig" }, /invalid/],
  ["a local $ref that leads nowhere", { $ref: "#/$defs/missing" }, /resolve/],
  ["too much nesting", nest(LIMITS.schemaDepth + 1), /deeper/],
  [
    "too many references",
    { allOf: Array.from({ length: 201 }, () => ({ $ref: "#/$defs/a" })), $defs: { a: {} } },
    /references/,
  ],
  ["too many bytes", { description: "x".repeat(LIMITS.schemaBytes) }, /bytes/],
])("a schema with %s is refused with a reason", (_, schema, reason) => {
  expect(() => compileSchema(schema)).toThrow(reason);
});

test("names of properties are not read as keywords", () => {
  const schema = { properties: { $ref: { type: "string" }, pattern: { type: "string" } }, required: ["$ref"] };
  expect(fits(schema, { $ref: "https://example.com", pattern: "(?=" })).toBe(true);
});

test("a property that every object inherits is still missing", () => {
  expect(fits({ required: ["toString"] }, {})).toBe(false);
});

function nest(levels: number): Json {
  let schema: Json = { type: "string" };
  for (let i = 0; i < levels; i++) schema = { items: schema };
  return schema;
}
