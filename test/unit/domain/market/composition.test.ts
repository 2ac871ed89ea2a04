import fc from "fast-check";
import { expect, test } from "vitest";
import { findChains, type Link } from "../../../../src/domain/market/composition.ts";
import { judgeFit } from "../../../../src/domain/market/schema-fit.ts";
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

test("lets a chain begin with anything where nothing is said of what is given", () => {
  const found = findChains(LINKS, { given: undefined, wanted: chart, limit: 10 });
  expect(found).toEqual([
    {
      items: ["draw"],
      priceCents: 3,
      verdict: "may_fit",
      reasons: ["into step 1: the request does not say what it can give"],
    },
  ]);
});

test("names the joint that only a run can tell", () => {
  const loose = (name: string) => object({ [name]: text }, []);
  const links = [
    link("first", csv, loose("rows")),
    link("second", object({ rows: text }), loose("chart")),
    link("third", chart, report),
  ];
  const found = findChains(links, { given: loose("csv"), wanted: report, limit: 1 });
  expect(found[0]?.reasons).toEqual([
    "into step 1: csv is required and may be left out",
    "from step 1 to 2: rows is required and may be left out",
    "from step 2 to 3: chart is required and may be left out",
  ]);
});

test("finds no chain of four, through nothing, or longer than its limit", () => {
  const slides = link("show", report, object({ slides: text }));
  const wish = { given: csv, wanted: object({ slides: text }), limit: 10 };
  expect(findChains([...LINKS, slides], wish)).toEqual([]);
  expect(findChains([], { given: csv, wanted: chart, limit: 10 })).toEqual([]);
  expect(findChains(LINKS, { given: csv, wanted: chart, limit: 0 })).toEqual([]);
});

test("sorts a short chain before a long one that is cheaper", () => {
  const [lines, points] = [object({ lines: text }), object({ points: text })];
  const long = [link("a", csv, lines, 0), link("b", lines, points, 0), link("c", points, chart, 0)];
  const found = findChains([...long, ...LINKS], { given: csv, wanted: chart, limit: 10 });
  expect(found.map(({ priceCents }) => priceCents)).toEqual([5, 12, 0]);
});

test("keeps a chain that costs exactly the most, and none that costs a cent more", () => {
  const prices = (maxPriceCents: number) =>
    findChains(LINKS, { given: csv, wanted: chart, limit: 10, maxPriceCents }).map(
      ({ priceCents }) => priceCents,
    );
  expect(prices(12)).toEqual([5, 12]);
  expect(prices(11)).toEqual([5]);
  expect(prices(5)).toEqual([5]);
  expect(prices(4)).toEqual([]);
});

const kind = fc.constantFrom("a", "b", "c", "d");
const anyLinks = fc
  .array(fc.tuple(kind, kind, fc.boolean(), fc.nat(9)), { maxLength: 5 })
  .map((all) =>
    all.map(([from, to, isSure, priceCents], index) => ({
      item: index,
      input: object({ [from]: text }),
      output: object({ [to]: text }, isSure ? [to] : []),
      priceCents,
    })),
  );

/** All ways from what is given to what is wanted over one to three different links. */
function waysThrough(links: readonly Link<number>[], given: JsonObject, wanted: JsonObject) {
  const all = links.map(({ item }) => item);
  const paths = all.flatMap((a) => [
    [a],
    ...all.flatMap((b) => [[a, b], ...all.map((c) => [a, b, c])]),
  ]);
  return paths.filter((path) => {
    if (new Set(path).size < path.length) return false;
    const steps = path.flatMap((index) => links[index] ?? []);
    const outputs = [given, ...steps.map(({ output }) => output)];
    const inputs = [...steps.map(({ input }) => input), wanted];
    return inputs.every((input, i) => judgeFit(outputs[i] ?? false, input).verdict !== "no");
  });
}

const isPartOf = (part: readonly number[], whole: readonly number[]) =>
  part.length < whole.length &&
  part.every((one, i) => whole.indexOf(one) > (i === 0 ? -1 : whole.indexOf(part[i - 1] ?? -1)));

test("finds every way that holds no shorter one, and no way that does not lead through", () => {
  const [given, wanted] = [object({ a: text }), object({ d: text })];
  fc.assert(
    fc.property(anyLinks, (links) => {
      const ways = waysThrough(links, given, wanted);
      const direct = ways.filter((way) => !ways.some((other) => isPartOf(other, way)));
      const found = findChains(links, { given, wanted, limit: 1_000 });
      const paths = found.map(({ items }) => items);
      expect(ways).toEqual(expect.arrayContaining(paths));
      expect(paths).toEqual(expect.arrayContaining(direct));
      expect(new Set(paths.map(String)).size).toBe(paths.length);
    }),
  );
});

test("sorts sure chains first, then short ones, then cheap ones, priced at their sum", () => {
  fc.assert(
    fc.property(anyLinks, fc.nat(20), fc.nat(3), (links, maxPriceCents, limit) => {
      const wish = { given: object({ a: text }), wanted: object({ d: text }) };
      const all = findChains(links, { ...wish, limit: 1_000 });
      const worths = all.map((chain) => [
        chain.verdict === "fits" ? 0 : 1,
        chain.items.length,
        chain.priceCents,
      ]);
      expect(worths).toEqual(
        worths.toSorted((a, b) => a.map((x, i) => x - (b[i] ?? 0)).find((x) => x !== 0) ?? 0),
      );
      for (const { items, priceCents, verdict, reasons } of all) {
        const prices = items.map((item) => links[item]?.priceCents ?? 0);
        expect(priceCents).toBe(prices.reduce((sum, price) => sum + price, 0));
        expect(reasons.length === 0).toBe(verdict === "fits");
      }
      const bounded = findChains(links, { ...wish, limit, maxPriceCents });
      const cheap = all.filter((chain) => chain.priceCents <= maxPriceCents);
      expect(bounded).toEqual(cheap.slice(0, limit));
    }),
  );
});
