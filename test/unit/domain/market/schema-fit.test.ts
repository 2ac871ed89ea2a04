import { expect, test } from "vitest";
import { judgeFit } from "../../../../src/domain/market/schema-fit.ts";
import type { JsonObject } from "../../../../src/shared/json.ts";
import { objectSchema as object } from "../../../helpers/object-schema.ts";

const text = { type: "string" };
const number = { type: "number" };

test.each<[string, JsonObject | boolean, JsonObject | boolean, string, RegExp]>([
  ["the same", object({ a: text }), object({ a: text }), "fits", /^$/],
  ["anything wanted", object({ a: text }), true, "fits", /^$/],
  ["an integer for a number", { type: "integer" }, number, "fits", /^$/],
  [
    "a number for an integer",
    number,
    { type: "integer" },
    "no",
    /is number, and integer is wanted/,
  ],
  ["more than is wanted", object({ a: text, b: text }), object({ a: text }), "fits", /^$/],
  [
    "a field too many",
    object({ a: text, b: text }),
    object({ a: text }, ["a"], { additionalProperties: false }),
    "no",
    /b is given and not allowed/,
  ],
  [
    "a missing field",
    object({ b: text }),
    object({ a: text }),
    "no",
    /a is required and not given/,
  ],
  [
    "a field that may be missing",
    object({ a: text }, []),
    object({ a: text }),
    "may_fit",
    /a is required and may be left out/,
  ],
  [
    "another type inside",
    object({ a: object({ b: text }) }),
    object({ a: object({ b: number }) }),
    "no",
    /a\.b is string/,
  ],
  [
    "an optional field of another type",
    object({ a: text }),
    object({ a: number }, []),
    "no",
    /a is string/,
  ],
  [
    "list items",
    { type: "array", items: text },
    { type: "array", items: number },
    "no",
    /\[\] is string/,
  ],
  [
    "unknown list items",
    { type: "array" },
    { type: "array", items: number },
    "may_fit",
    /\[\] has no type/,
  ],
  ["no type at all", {}, text, "may_fit", /has no type/],
  ["one of two types", { type: ["string", "null"] }, text, "may_fit", /can be string or null/],
  ["wanted values", { enum: ["a"] }, { enum: ["a", "b"] }, "fits", /^$/],
  ["other values", { enum: ["c"] }, { enum: ["a", "b"] }, "no", /none of the wanted values/],
  ["perhaps wanted values", text, { enum: ["a"] }, "may_fit", /may have other values/],
  ["a bound", text, { type: "string", maxLength: 3 }, "may_fit", /maxLength/],
  [
    "the same bound",
    { type: "string", maxLength: 3 },
    { type: "string", maxLength: 3 },
    "fits",
    /^$/,
  ],
  ["branches", { anyOf: [text, number] }, text, "may_fit", /branches|no type/],
  ["nothing", false, text, "no", /can have no value/],
  [
    "a local reference",
    { $ref: "#/$defs/t", $defs: { t: object({ a: text }) } },
    object({ a: text }),
    "fits",
    /^$/,
  ],
  ["a reference that goes round", { $ref: "#" }, text, "may_fit", /too deep/],
])("judges %s", (_, from, to, verdict, reason) => {
  const fit = judgeFit(from, to);
  expect(fit.verdict).toBe(verdict);
  expect(fit.reasons.join("; ")).toMatch(reason);
});

test("judges a schema as deep as a schema may be, and does not follow it for ever", () => {
  let deep: JsonObject = text;
  for (let i = 0; i < 20; i++) deep = object({ a: deep });
  expect(judgeFit(deep, deep)).toMatchObject({
    verdict: "may_fit",
    reasons: [expect.stringContaining("too deep")],
  });
});

test("gives up schemas that branch without end", () => {
  const properties = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [`p${i}`, { $ref: "#" }]),
  );
  const bomb = { type: "object", properties };
  const budget = { places: 2_000 };
  expect(judgeFit(bomb, { ...bomb }, budget)).toMatchObject({ verdict: "may_fit" });
  expect(budget.places).toBeGreaterThan(-5_000);
});

test("gives up a list of values that is too long", () => {
  const values = { enum: Array.from({ length: 900 }, (_, i) => `value ${i}`) };
  expect(judgeFit(values, { ...values })).toMatchObject({ verdict: "fits" });
  const many = { enum: Array.from({ length: 9_000 }, (_, i) => `value ${i}`) };
  expect(judgeFit(many, { ...many })).toMatchObject({
    verdict: "may_fit",
    reasons: ["the whole is too large to judge"],
  });
});

const list = (items: JsonObject | boolean): JsonObject => ({ type: "array", items });

test.each<[string, JsonObject | boolean, JsonObject | boolean, string, RegExp]>([
  ["nothing wanted", text, false, "no", /the whole can have no value/],
  ["nothing for anything", false, true, "fits", /^$/],
  ["anything for anything", true, {}, "fits", /^$/],
  ["anything for a text", true, text, "may_fit", /the whole has no type, and string is wanted/],
  ["null", { type: "null" }, { type: ["string", "null"] }, "fits", /^$/],
  ["a type that is no text", { type: [1, "string"] }, text, "fits", /^$/],
  ["the type of a value", { const: "a" }, text, "fits", /^$/],
  ["the type of null", { const: null }, text, "no", /is null, and string is wanted/],
  ["the type of a list", { const: [] }, text, "no", /is array, and string is wanted/],
  ["the type of an object", { const: {} }, text, "no", /is object, and string is wanted/],
  ["the type of a whole number", { const: 3 }, { type: "integer" }, "fits", /^$/],
  ["the type of a part", { const: 3.5 }, { type: "integer" }, "no", /is number, and integer/],
  ["types of values", { enum: ["a", 1] }, text, "may_fit", /can be string or integer/],
  ["some wanted values", { enum: ["a", "c"] }, { enum: ["a"] }, "may_fit", /may have other/],
  ["a wanted constant", { enum: ["a"] }, { const: "a" }, "fits", /^$/],
  ["another constant", { const: "b" }, { const: "a" }, "no", /none of the wanted values/],
  ["another bound", { minimum: 1, ...number }, { minimum: 0, ...number }, "may_fit", /a minimum/],
  ["the same items", list(text), list(text), "fits", /^$/],
  ["any items", list(true), list(text), "may_fit", /\[\] has no type/],
  ["items that cannot be", list(text), list(false), "no", /\[\] can have no value/],
  [
    "items where no list is given",
    text,
    { type: ["string", "array"], items: number },
    "fits",
    /^$/,
  ],
  ["items inside", object({ a: list(text) }), object({ a: list(number) }), "no", /a\[\] is string/],
  ["branches of what is wanted", text, { ...text, not: {} }, "may_fit", /the whole has branches/],
  ["a required name that is none", object({ a: text }), { required: [1, "a"] }, "fits", /^$/],
  ["properties that are none", { type: "object", properties: [] }, object({}), "fits", /^$/],
  [
    "a property that is no schema",
    object({ a: "text" }),
    object({ a: text }),
    "may_fit",
    /a has no/,
  ],
  ["a reference elsewhere", { $ref: "https://x.example/" }, text, "may_fit", /too deep to judge/],
  ["a reference to nothing", { $ref: "#/$defs/t" }, text, "may_fit", /too deep to judge/],
  ["a reference into a text", { $ref: "#/title/0", title: "t" }, text, "may_fit", /too deep/],
])("judges besides %s", (_, from, to, verdict, reason) => {
  const fit = judgeFit(from, to);
  expect(fit.verdict).toBe(verdict);
  expect(fit.reasons.join("; ")).toMatch(reason);
});

test("follows a reference by names that are escaped", () => {
  const from = { $ref: "#/$defs/a~1b~0c", $defs: { "a/b~c": text } };
  expect(judgeFit(from, text)).toEqual({ verdict: "fits", reasons: [] });
  expect(judgeFit(from, number).verdict).toBe("no");
});

test("follows seven references on one way, and gives up at the eighth", () => {
  const chain = (hops: number): JsonObject => {
    const names = Array.from({ length: hops }, (_, i) => `d${i}`);
    const defs = names.map((name, i) => [
      name,
      i === hops - 1 ? text : { $ref: `#/$defs/d${i + 1}` },
    ]);
    return { $ref: "#/$defs/d0", $defs: Object.fromEntries(defs) };
  };
  expect(judgeFit(chain(7), text).verdict).toBe("fits");
  expect(judgeFit(chain(8), text)).toEqual({
    verdict: "may_fit",
    reasons: ["the whole is too deep to judge"],
  });
});

test("judges eight levels, and gives up at the ninth", () => {
  const nested = (levels: number) => {
    let schema: JsonObject = text;
    for (let level = 0; level < levels; level++) schema = object({ a: schema });
    return schema;
  };
  expect(judgeFit(nested(8), nested(8)).verdict).toBe("fits");
  expect(judgeFit(nested(9), nested(9)).reasons).toEqual([
    `${Array(9).fill("a").join(".")} is too deep to judge`,
  ]);
});

test("tells eight reasons at the most", () => {
  const names = Array.from({ length: 9 }, (_, i) => `p${i}`);
  const many = (schema: JsonObject) => object(Object.fromEntries(names.map((n) => [n, schema])));
  expect(judgeFit(many(text), many(number)).reasons).toHaveLength(8);
  expect(judgeFit(many({}), many(number)).reasons).toHaveLength(8);
});

test("tells only what speaks against it where something does", () => {
  const from = object({ a: {}, b: text });
  expect(judgeFit(from, object({ a: text, b: number })).reasons).toEqual([
    "b is string, and number is wanted",
  ]);
});

test("takes what it looks at from its budget, and gives up with the place that is beyond", () => {
  const values = { enum: ["a", "b"] };
  const budget = { places: 6 };
  expect(judgeFit(values, { ...values }, budget).verdict).toBe("fits");
  expect(budget.places).toBe(1);
  expect(judgeFit(values, { ...values }, { places: 5 }).verdict).toBe("fits");
  expect(judgeFit(values, { ...values }, { places: 4 }).reasons).toEqual([
    "the whole is too large to judge",
  ]);
  expect(judgeFit(object({ a: text }), object({ a: text }), { places: 3 }).reasons).toEqual([
    "the whole is too large to judge",
  ]);
});
