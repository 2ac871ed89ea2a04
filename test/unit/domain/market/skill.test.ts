import { expect, test } from "vitest";
import {
  EXECUTION_MODES,
  fieldsOf,
  isRunHere,
  type PlannedLlmStep,
  providerOf,
  providersOf,
} from "../../../../src/domain/market/skill.ts";

const llm = (model: string): PlannedLlmStep => ({
  type: "llm",
  model,
  max_tokens: 10,
  prompt_chars: 1,
  input_references: 0,
  prev_references: 0,
});
const script = { type: "script", runtime: "javascript", lines: 1 } as const;

test("runs sealed and source skills here, and open ones elsewhere", () => {
  expect(EXECUTION_MODES.filter(isRunHere)).toEqual(["sealed", "source"]);
});

test.each([
  [{ properties: { total: { type: "number" }, note: true } }, ["total", "note"]],
  [{ properties: {} }, []],
  [{ type: "object" }, []],
  [{ properties: null }, []],
  [{ properties: "none" }, []],
  [true, []],
  [false, []],
])("names the fields of %j: %j", (schema, fields) => {
  expect(fieldsOf(schema)).toEqual(fields);
});

test.each([
  ["openai/gpt-4o-mini", "openai"],
  ["openrouter/meta/llama-3", "openrouter"],
  ["/model", ""],
])("calls the provider of %s %j", (model, provider) => {
  expect(providerOf(model)).toBe(provider);
});

test("names each provider of a pipeline once, in the order of the steps", () => {
  expect(providersOf([llm("b/1"), script, llm("a/1"), llm("b/2")])).toEqual(["b", "a"]);
  expect(providersOf([script])).toEqual([]);
});
