import { expect, test } from "vitest";
import { findChains, type Link } from "../../../../src/domain/market/composition.ts";
import type { JsonObject } from "../../../../src/shared/json.ts";
import { objectSchema as object } from "../../../helpers/object-schema.ts";

const text = { type: "string" };

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

test("gives up links whose schemas branch without end", () => {
  const properties = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [`p${i}`, { $ref: "#" }]),
  );
  const bomb = { type: "object", properties };
  const links = Array.from({ length: 150 }, (_, i) => link(`l${i}`, { ...bomb }, { ...bomb }));
  expect(findChains(links, { given: bomb, wanted: bomb, limit: 5 }).length).toBeLessThanOrEqual(5);
});

test("leads from what is given to what is wanted, short and cheap first", () => {
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

test("takes no detour where a shorter chain does the same", () => {
  const clean = link("clean", rows, rows, 0);
  const found = findChains([...LINKS, clean], { given: csv, wanted: chart, limit: 20 });
  expect(found.map(({ items }) => items.join(" > "))).toEqual([
    "parse > draw",
    "parse-dear > draw",
  ]);
});

test("says which joint only a run can tell, after the sure chains", () => {
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
