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
