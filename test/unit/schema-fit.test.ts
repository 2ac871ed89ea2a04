import { expect, test } from "vitest";
import { findChains, type Link } from "../../src/domain/market/composition.ts";
import { judgeFit } from "../../src/domain/market/schema-fit.ts";
import type { JsonObject } from "../../src/shared/json.ts";

const object = (
  properties: JsonObject,
  required: string[] = Object.keys(properties),
  more: JsonObject = {},
): JsonObject => ({
  type: "object",
  properties,
  required,
  ...more,
});
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
])("%s", (_, from, to, verdict, reason) => {
  const fit = judgeFit(from, to);
  expect(fit.verdict).toBe(verdict);
  expect(fit.reasons.join("; ")).toMatch(reason);
});

test("a schema as deep as a schema may be is judged, and not followed for ever", () => {
  let deep: JsonObject = text;
  for (let i = 0; i < 20; i++) deep = object({ a: deep });
  expect(judgeFit(deep, deep)).toMatchObject({
    verdict: "may_fit",
    reasons: [expect.stringContaining("too deep")],
  });
});

test("schemas that branch without end are given up, not followed", () => {
  const properties = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [`p${i}`, { $ref: "#" }]),
  );
  const bomb = { type: "object", properties };
  const budget = { places: 2_000 };
  expect(judgeFit(bomb, { ...bomb }, budget)).toMatchObject({ verdict: "may_fit" });
  expect(budget.places).toBeGreaterThan(-5_000);
  const links = Array.from({ length: 150 }, (_, i) => link(`l${i}`, { ...bomb }, { ...bomb }));
  expect(findChains(links, { given: bomb, wanted: bomb, limit: 5 }).length).toBeLessThanOrEqual(5);
  const values = { enum: Array.from({ length: 900 }, (_, i) => `value ${i}`) };
  expect(judgeFit(values, { ...values })).toMatchObject({ verdict: "fits" });
  const many = { enum: Array.from({ length: 9_000 }, (_, i) => `value ${i}`) };
  expect(judgeFit(many, { ...many })).toMatchObject({
    verdict: "may_fit",
    reasons: ["the whole is too large to judge"],
  });
});

const link = (
  item: string,
  input: JsonObject,
  output: JsonObject,
  priceCents = 1,
): Link<string> => ({
  item,
  input,
  output,
  priceCents,
});
const csv = object({ csv: text });
const rows = object({ rows: { type: "array" } });
const chart = object({ chart: text });
const report = object({ report: text });

const LINKS = [
  link("parse", csv, rows, 2),
  link("parse-dear", csv, rows, 9),
  link("draw", rows, chart, 3),
  link("write", chart, report, 4),
  link("other", object({ image: text }), text),
];

test("chains lead from what is given to what is wanted, short and cheap first", () => {
  const found = findChains(LINKS, { given: csv, wanted: chart, limit: 10 });
  expect(found).toEqual([
    { items: ["parse", "draw"], priceCents: 5, verdict: "fits", reasons: [] },
    { items: ["parse-dear", "draw"], priceCents: 12, verdict: "fits", reasons: [] },
  ]);
  const three = findChains(LINKS, { given: csv, wanted: report, limit: 10 });
  expect(three.map(({ items }) => items.join(" > "))).toEqual([
    "parse > draw > write",
    "parse-dear > draw > write",
  ]);
  expect(
    findChains(LINKS, { given: csv, wanted: report, limit: 10, maxPriceCents: 9 }),
  ).toHaveLength(1);
  expect(findChains(LINKS, { given: csv, wanted: report, limit: 10, maxPriceCents: 8 })).toEqual(
    [],
  );
  expect(
    findChains(LINKS, { given: csv, wanted: rows, limit: 1 }).map(({ items }) => items),
  ).toEqual([["parse"]]);
});

test("a chain takes no detour where a shorter one does the same", () => {
  const clean = link("clean", rows, rows, 0);
  const found = findChains([...LINKS, clean], { given: csv, wanted: chart, limit: 20 });
  expect(found.map(({ items }) => items.join(" > "))).toEqual([
    "parse > draw",
    "parse-dear > draw",
  ]);
});

test("a joint that only a run can tell is said, and comes after the sure ones", () => {
  const loose = link("loose", csv, object({ chart: text }, []), 0);
  const [first, second] = findChains([...LINKS, loose], {
    given: csv,
    wanted: chart,
    limit: 10,
  }).filter(({ items }) => items[0] !== "parse-dear");
  expect(first?.items).toEqual(["parse", "draw"]);
  expect(second).toMatchObject({ items: ["loose"], verdict: "may_fit" });
  expect(second?.reasons).toEqual(["out of the last step: chart is required and may be left out"]);
});
