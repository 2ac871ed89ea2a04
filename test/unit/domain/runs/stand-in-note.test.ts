import { expect, test } from "vitest";
import { standInNote } from "../../../../src/domain/runs/stand-in-note.ts";
import type { Json } from "../../../../src/shared/json.ts";

const NOTE = "No model answers: the stand-in reads texts by their labels.";
const OPENAI = "Set OPENAI_API_KEY to have a model answer.";

const nulls = (count: number): Json =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i + 1}`, null]));

test.each<[Json | undefined, string]>([
  [undefined, ""],
  [null, ""],
  ["text", ""],
  [[null], ""],
  [{}, ""],
  [{ total: 5, note: "", found: false }, ""],
  [{ total: null }, " It did not find total, and it guesses nothing."],
  [{ total: null, tax: 1, date: null }, " It did not find total, date, and it guesses nothing."],
  [nulls(8), " It did not find f1, f2, f3, f4, f5, f6, f7, f8, and it guesses nothing."],
  [nulls(9), " It did not find f1, f2, f3, f4, f5, f6, f7, f8 and 1 more, and it guesses nothing."],
])("tells of the output %j what was not found", (output, missing) => {
  expect(standInNote(["openai"], output)).toBe(`${NOTE}${missing} ${OPENAI}`);
});

test.each([
  [[], OPENAI],
  [["openai"], OPENAI],
  [["acme", "openai"], OPENAI],
  [["acme"], "Give acme a key in config.json to have a model answer."],
  [["acme", "other"], "Give acme and other a key in config.json to have a model answer."],
])("tells what to set for the providers %j", (providers, remedy) => {
  expect(standInNote(providers)).toBe(`${NOTE} ${remedy}`);
});
