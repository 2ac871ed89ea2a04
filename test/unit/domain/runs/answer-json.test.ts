import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonInAnswer } from "../../../../src/domain/runs/answer-json.ts";
import { canonicalJson, type Json } from "../../../../src/shared/json.ts";

test.each<[string, Json | undefined]>([
  ['{"total":455}', { total: 455 }],
  ['\ufeff {"total":455}\n', { total: 455 }],
  ['```json\n{"total":455}\n```', { total: 455 }],
  ["Here you are:\n```\n[1, 2]\n```\nAnything else?", [1, 2]],
  [
    'The totals are {"total":455, "note":"a } in text"} as asked.',
    { total: 455, note: "a } in text" },
  ],
  ["A set {a, b} and then [1] and [2]", [1]],
  ["455", 455],
  ["no JSON at all", undefined],
  ["", undefined],
  ['{"total":', undefined],
])("finds the JSON in the answer %j", (answer, value) => {
  expect(jsonInAnswer(answer)).toEqual(value);
});

test("reads an answer made to be slow to read at once", () => {
  const started = performance.now();
  for (const text of [
    "{".repeat(200_000),
    "[".repeat(200_000),
    '{"'.repeat(100_000),
    "```\n".repeat(50_000),
  ])
    jsonInAnswer(text);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test.each<[string, Json | undefined]>([
  ["```json\n{a}\n```\nor\n```\n[2]\n```", [2]],
  ["```JSON5\r\n[1]\r\n```", [1]],
  ["text [1] and\n```json\n[2]\n```", [2]],
  ['He said "{" and then {"a":1}', { a: 1 }],
  ['{"a":"\\"}"} ', { a: '"}' }],
  ["null", null],
  ["false", false],
  ['"text"', "text"],
  ["[1, 2", undefined],
  ["a ] b } c", undefined],
  ["{a} {b} {c}", undefined],
])("reads the answer %j as %j", (answer, value) => {
  expect(jsonInAnswer(answer)).toEqual(value);
});

test("tries twenty beginnings in prose, and no more", () => {
  expect(jsonInAnswer(`${"{x} ".repeat(19)}[1]`)).toEqual([1]);
  expect(jsonInAnswer(`${"{x} ".repeat(20)}[1]`)).toBeUndefined();
});

test("finds a list or an object wherever prose surrounds it", () => {
  // A key of that name is dropped.
  const inner = fc.jsonValue().filter((value) => !JSON.stringify(value).includes("__proto__"));
  const value = fc.oneof(
    fc.array(inner),
    fc.dictionary(fc.stringMatching(/^[a-z{}"\\]{1,4}$/), inner),
  );
  const prose = fc.string({ unit: fc.constantFrom("a", " ", ",", ".", "\n", "1"), maxLength: 20 });
  fc.assert(
    fc.property(prose, value, prose, (before, found, behind) => {
      const json = JSON.stringify(found);
      for (const answer of [
        `${before}${json}${behind}`,
        `${before}\n\`\`\`json\n${json}\n\`\`\`${behind}`,
      ])
        expect(canonicalJson(jsonInAnswer(answer))).toBe(canonicalJson(found));
    }),
  );
});
