import { expect, test } from "vitest";
import { compileSchema } from "../../../src/schemas/compile.ts";
import type { Json } from "../../../src/shared/json.ts";
import { LIMITS } from "../../../src/shared/limits.ts";

const fits = (schema: Json, value: unknown) => compileSchema(schema)(value).length === 0;

test("tells two patterns in one schema apart", () => {
  const schema = { properties: { a: { pattern: "^a$" }, b: { pattern: "^b$" } } };
  expect(fits(schema, { a: "a", b: "b" })).toBe(true);
  expect(fits(schema, { a: "a", b: "a" })).toBe(false);
});

test("matches a catastrophic pattern in linear time", () => {
  const started = performance.now();
  expect(fits({ pattern: "^(a+)+$" }, `${"a".repeat(50_000)}!`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test.each<[string, Json, RegExp]>([
  [
    "a remote $ref",
    { $ref: "https://example.com/schema.json" },
    /^\/\$ref \(https:\S+\) leads outside.*#\/\$defs\/name/,
  ],
  [
    "a file $ref",
    { properties: { a: { $ref: "file:///etc/passwd" } } },
    /\/properties\/a\/\$ref \(file:\S+\) leads outside/,
  ],
  ["a remote $ref hidden in a const", { const: { $ref: "http://x/y" }, $ref: "#/const" }, /.+/],
  [
    "lookahead",
    { properties: { a: { pattern: "(?=a)b" } } },
    /\/properties\/a\/pattern .*lookaround.*write/,
  ],
  ["a backreference", { pattern: "(a)\\1" }, /lookaround/],
  [
    "a pattern property that is no expression",
    { patternProperties: { "(": {} } },
    /\/patternProperties is not supported/,
  ],
  [
    "another dialect",
    { $schema: "http://json-schema.org/draft-03/schema#" },
    /\/\$schema names .*draft-03.*write it in 2020-12/,
  ],
  [
    "an unknown dialect within",
    { $defs: { a: { $schema: "https://x.test/" } } },
    /\/\$defs\/a\/\$schema names another/,
  ],
  [
    "another known dialect within",
    { $defs: { a: { $schema: "http://json-schema.org/draft-07/schema#" } } },
    /\/\$defs\/a\/\$schema names another dialect.*2020-12.*leave it out/,
  ],
  ["an asynchronous schema", { $async: true }, /not part/],
  ["a number", 7, /neither/],
  ["an array", [], /neither/],
  [
    "an unknown type",
    { properties: { a: { type: "strnig" } } },
    /^\/properties\/a\/type is not valid 2020-12.*correct it$/,
  ],
  [
    "a property that is a text",
    { properties: { text: "string" } },
    /^\/properties\/text is not valid/,
  ],
  [
    "a local $ref that leads nowhere",
    { $ref: "#/$defs/missing" },
    /^\/\$ref \(#\/\$defs\/missing\) leads nowhere.*correct it/,
  ],
  ["too much nesting", nest(LIMITS.schemaDepth + 1), /deeper.*\$defs/],
  [
    "too many references",
    { allOf: Array.from({ length: 201 }, () => ({ $ref: "#/$defs/a" })), $defs: { a: {} } },
    /references/,
  ],
  ["too many bytes", { description: "x".repeat(LIMITS.schemaBytes) }, /bytes/],
  [
    "draft-04 bounds in a newer draft",
    { maximum: 5, exclusiveMaximum: true },
    /\/exclusiveMaximum is not valid/,
  ],
])("rejects a schema with %s, with place, cause and what to do", (_, schema, reason) => {
  expect(() => compileSchema(schema)).toThrow(reason);
});

test("judges each draft by its own rules", () => {
  const old = (schema: object) => ({
    $schema: "http://json-schema.org/draft-07/schema#",
    ...schema,
  });
  const oldest = (schema: object) => ({
    $schema: "http://json-schema.org/draft-04/schema",
    ...schema,
  });
  expect(fits(old({ items: [{ type: "string" }], additionalItems: false }), ["a", 1])).toBe(false);
  expect(fits({ prefixItems: [{ type: "string" }], items: false }, ["a", 1])).toBe(false);
  expect(
    fits(
      old({
        definitions: { a: {} },
        properties: { x: { $ref: "#/definitions/a", type: "string" } },
      }),
      { x: 1 },
    ),
  ).toBe(true);
  expect(
    fits({ $defs: { a: {} }, properties: { x: { $ref: "#/$defs/a", type: "string" } } }, { x: 1 }),
  ).toBe(false);
  expect(fits(oldest({ maximum: 5, exclusiveMaximum: true }), 5)).toBe(false);
  expect(fits(oldest({ const: 1, if: false }), 2)).toBe(true);
  expect(fits(old({ dependencies: { a: ["b"] } }), { a: 1 })).toBe(false);
  expect(fits(old({ multipleOf: 0.01 }), 19.99)).toBe(true);
  expect(fits(oldest({ multipleOf: 0.01 }), 19.995)).toBe(false);
});

test("follows an absolute reference to a place within the schema", () => {
  const $id = "https://example.com/invoice";
  const schema = {
    $id,
    $defs: { cents: { type: "integer" } },
    properties: { n: { $ref: `${$id}#/$defs/cents` } },
  };
  expect([fits(schema, { n: 1 }), fits(schema, { n: "1" })]).toEqual([true, false]);
});

test.each<[string, Json]>([
  ["a type", { type: "string", nullable: true }],
  ["a reference", { $ref: "#/$defs/a", nullable: true }],
  ["anyOf", { anyOf: [{ type: "string" }, { type: "array" }], nullable: true }],
  ["oneOf", { oneOf: [{ type: "string" }], nullable: true }],
  ["types", { type: ["string", "array"], nullable: true }],
])(
  "takes null with nullable: true beside %s, in every draft, and nothing else more",
  (_, field) => {
    for (const name of [
      "http://json-schema.org/draft-07/schema#",
      "https://json-schema.org/draft/2020-12/schema",
    ]) {
      const schema = { $schema: name, $defs: { a: { type: "string" } }, properties: { x: field } };
      expect([fits(schema, { x: null }), fits(schema, { x: "a" }), fits(schema, { x: 1 })]).toEqual(
        [true, true, false],
      );
      const not = { ...schema, properties: { x: { ...(field as object), nullable: false } } };
      expect(fits(not, { x: null })).toBe(false);
    }
  },
);

test("keeps beside nullable what else the schema asks for, except beside an old $ref", () => {
  const all = {
    $ref: "#/$defs/a",
    anyOf: [{ type: "string" }],
    allOf: [{ maxLength: 3 }],
    nullable: true,
  };
  const schema = { ...all, $defs: { a: { type: "string" } } };
  expect(["abc", "toolong", 1].map((value) => fits(schema, value))).toEqual([true, false, false]);
  const old = {
    $schema: "http://json-schema.org/draft-07/schema#",
    definitions: { a: { type: "string" } },
    properties: { x: { $ref: "#/definitions/a", maxLength: 3, nullable: true } },
  };
  expect([fits(old, { x: "longer" }), fits(old, { x: null }), fits(old, { x: 1 })]).toEqual([
    true,
    true,
    false,
  ]);
});

test("reads nothing as a schema that no keyword holds", () => {
  const schema = {
    "x-example": { pattern: "(?=a)", $ref: "https://example.com", properties: { a: "text" } },
    type: "object",
  };
  expect(fits(schema, {})).toBe(true);
  expect(fits({ const: { $ref: "https://example.com" } }, { $ref: "https://example.com" })).toBe(
    true,
  );
});

test.each<[string, unknown, unknown]>([
  ["date-time", "2026-11-26T10:00:00Z", "2026-11-26 10:00"],
  ["date", "2024-02-29", "2023-02-29"],
  ["time", "10:00:00Z", "25:00:00Z"],
  ["duration", "P1DT2H", "1 day"],
  ["email", "a@example.com", "a example.com"],
  ["hostname", "example.com", "exa mple"],
  ["ipv4", "127.0.0.1", "127.0.0.256"],
  ["ipv6", "::1", ":::1"],
  ["uri", "https://example.com/a?b#c", "//example.com"],
  ["uri-reference", "/a", "\\\\a"],
  ["uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08"],
  ["json-pointer", "/a~1b", "a"],
])("asserts format %s", (format, right, wrong) => {
  for (const name of [
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-07/schema#",
    undefined,
  ]) {
    const schema = { ...(name ? { $schema: name } : {}), format };
    expect([fits(schema, right), fits(schema, wrong), fits(schema, 7)]).toEqual([
      true,
      false,
      true,
    ]);
  }
  expect(fits({ format: `no-${format}` }, wrong)).toBe(true);
});

test("reads no names of properties as keywords", () => {
  const schema = {
    properties: { $ref: { type: "string" }, pattern: { type: "string" } },
    required: ["$ref"],
  };
  expect(fits(schema, { $ref: "https://example.com", pattern: "(?=" })).toBe(true);
});

test("misses a required property that every object inherits", () => {
  expect(fits({ required: ["toString"] }, {})).toBe(false);
});

test("knows Unicode classes by their long names too", () => {
  expect(fits({ pattern: "^\\p{Letter}+\\p{digit}$" }, "Größe5")).toBe(true);
  expect(fits({ pattern: "^\\p{Script=Greek}+$" }, "λόγος")).toBe(true);
});

function nest(levels: number): Json {
  let schema: Json = { type: "string" };
  for (let i = 0; i < levels; i++) schema = { items: schema };
  return schema;
}
