import { expect, test } from "vitest";
import { jsonInAnswer } from "../../../../src/domain/runs/answer-json.ts";
import type { Json } from "../../../../src/shared/json.ts";

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
