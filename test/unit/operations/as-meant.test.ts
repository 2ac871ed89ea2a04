import { describe, expect, test } from "vitest";
import { asMeant } from "../../../src/operations/as-meant.ts";
import type { Operation } from "../../../src/operations/define-operation.ts";
import { nearest } from "../../../src/shared/nearest.ts";
import { OPERATIONS } from "../../../tools/registry.ts";

const ID = "skl_01jcy3zq4vf5ttz7h9m2k8x6ba";

function operation(name: string): Operation {
  const found = OPERATIONS.find((one) => one.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

const invoke = (more: object) =>
  asMeant(operation("stack_invoke_skill"), { skill_id: ID, input: {}, ...more });

test.each([
  [
    "null for what is left out",
    { agent_id: null, version: null, idempotency_key: null, wait_ms: null },
    {},
  ],
  [
    "an empty text for what is left out",
    { idempotency_key: "", passport_id: "  ", wait_ms: "" },
    {},
  ],
  ["JSON text for an object", { input: '{"text":"x"}' }, { input: { text: "x" } }],
  [
    "a number as text",
    { wait_ms: "500", max_charge_cents: " 12 " },
    { wait_ms: 500, max_charge_cents: 12 },
  ],
  ["a truth as text", { repeat: "True" }, { repeat: true }],
  ["an id with blanks and capitals", { skill_id: ` ${ID.toUpperCase()}\n` }, {}],
])("takes as it was meant: %s", (_, sent, understood) => {
  expect(invoke(sent)).toEqual({ skill_id: ID, input: {}, ...understood });
});

test.each([
  ["what stands in input", { input: { a: null, b: "", c: "5", skill_id: " x " } }],
  ["text that is no JSON", { input: "hello" }],
  ["JSON text of another kind", { input: "[1]" }],
  ["a number that would lose digits", { wait_ms: "9007199254740993" }],
  ["a field that is not known", { nothing: null }],
])("leaves as it is: %s", (_, sent) => {
  expect(invoke(sent)).toEqual({ skill_id: ID, input: {}, ...sent });
});

test("leaves to the parse what is required and empty, and text where any value fits", () => {
  expect(asMeant(operation("stack_invoke_skill"), { skill_id: "", input: null })).toEqual({
    skill_id: "",
    input: null,
  });
  const done = { invocation_id: "x", output: '{"a":1}' };
  expect(asMeant(operation("stack_complete_invocation"), done)).toEqual(done);
  expect(asMeant(operation("stack_complete_invocation"), { ...done, output: null })).toEqual({
    ...done,
    output: null,
  });
});

test("looks into lists and the kinds of a step, whole or as text", () => {
  const step = {
    type: "script",
    runtime: "javascript",
    code: "return null;",
    model: null,
    temperature: null,
    label: "",
  };
  const kept = { type: "script", runtime: "javascript", code: "return null;" };
  const publish = (steps: unknown) =>
    asMeant(operation("stack_publish_skill"), { execution_steps: steps });
  expect(publish([step])).toEqual({ execution_steps: [kept] });
  expect(publish(JSON.stringify([step]))).toEqual({ execution_steps: [kept] });
  expect(publish([{ ...step, type: "llm", max_tokens: "10" }])).toEqual({
    execution_steps: [{ ...kept, type: "llm", max_tokens: 10 }],
  });
});

test("takes no arguments, null and an empty list for an empty input", () => {
  for (const raw of [undefined, null, {}, "{}"])
    expect(asMeant(operation("stack_get_balance"), raw)).toEqual({});
});

describe("a field whose absence asks for more", () => {
  const cases = [
    ["stack_invoke_skill", { max_charge_cents: null }, "max_charge_cents"],
    ["stack_invoke_skill", { max_charge_cents: "" }, "max_charge_cents"],
    ["stack_publish_skill", { price_per_invocation: null }, "price_per_invocation"],
    ["stack_refund_topup", { topup_id: " " }, "topup_id"],
    ["stack_issue_passport", { mandate: null }, "mandate"],
    ["stack_issue_passport", { mandate: { max_total_cents: null } }, "mandate.max_total_cents"],
    ["stack_issue_passport", { mandate: '{"skills":null}' }, "mandate.skills"],
  ] as const;
  test.each(cases)("rejects an empty value in %s %j", (name, raw, path) => {
    expect(() => asMeant(operation(name), raw)).toThrow(
      expect.objectContaining({ code: "INVALID_REQUEST" }),
    );
    expect(() => asMeant(operation(name), raw)).toThrow(
      new RegExp(`^${path.replaceAll(".", "\\.")} is `),
    );
  });

  test("leaves a field alone for null in a change, and takes an empty text", () => {
    const update = operation("stack_update_skill");
    const change = { description: "", tags: null, price_per_invocation: null };
    expect(asMeant(update, { skill_id: ID, ...change })).toEqual({ skill_id: ID, description: "" });
  });
});

test.each([
  ["skill", ["skill_id"]],
  ["skillid", ["skill_id"]],
  ["skill_name", ["skill_id"]],
  ["max_charge", ["max_charge_cents"]],
  ["waitMs", ["wait_ms"]],
  ["zzzzzz", []],
])("names for the unknown field %s what was meant", (wrong, right) => {
  const names = ["skill_id", "input", "version", "max_charge_cents", "wait_ms", "passport_id"];
  expect(nearest(wrong, names).slice(0, Math.max(1, right.length))).toEqual(right);
});
