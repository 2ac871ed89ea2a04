import { expect, test } from "vitest";
import type { LlmStep, ScriptStep } from "../../../../src/domain/market/skill.ts";
import { planSteps, promptOf, withDefaults } from "../../../../src/domain/runs/pipeline-plan.ts";
import { digestOf } from "../../../../src/shared/json.ts";

const llm: LlmStep = { type: "llm", model: "openai/gpt-4o-mini" };
const script: ScriptStep = { type: "script", runtime: "python", code: "return 1" };

test.each([
  ["return 1", 1],
  ["a = 1\nreturn a", 2],
  ["a = 1\nreturn a\n", 3],
  ["", 1],
])("keeps of the code %j only that it has %i lines", (code, lines) => {
  expect(planSteps([{ ...script, label: "sum", code }])).toEqual([
    { type: "script", label: "sum", runtime: "python", lines },
  ]);
});

test("keeps of a prompt its length and its references, and nothing that it says", () => {
  const step: LlmStep = {
    ...llm,
    label: "read",
    temperature: 0.2,
    max_tokens: 50,
    system_prompt: "Secret $INPUT.a",
    user_message: "$INPUT and $PREV.x and $PREV",
  };
  expect(planSteps([step])).toEqual([
    {
      type: "llm",
      label: "read",
      model: "openai/gpt-4o-mini",
      temperature: 0.2,
      max_tokens: 50,
      prompt_chars: 15 + 1 + 28,
      input_references: 2,
      prev_references: 2,
    },
  ]);
});

test("plans 1,000 tokens where nothing is said", () => {
  expect(planSteps([llm])).toMatchObject([{ max_tokens: 1_000 }]);
  expect(withDefaults(llm, 0)).toMatchObject({ max_tokens: 1_000 });
});

test.each([true, false, undefined])(
  "keeps allow_cut and json only where they are asked: %s",
  (asked) => {
    const step = { ...llm, allow_cut: asked, json: asked };
    const kept = asked ? { allow_cut: true, json: true } : {};
    const [planned] = planSteps([step]);
    for (const made of [planned, withDefaults(step, 0)]) {
      expect(made).toMatchObject(kept);
      for (const name of ["allow_cut", "json"])
        expect(Object.hasOwn(made ?? {}, name)).toBe(!!asked);
    }
  },
);

test("hands on the input in a first step, and what the step before gave in later ones", () => {
  expect(promptOf(llm, 0).user_message).toBe("$INPUT");
  expect(promptOf(llm, 1).user_message).toBe("$PREV");
  expect(promptOf({ ...llm, user_message: "Hi" }, 1).user_message).toBe("Hi");
  expect(promptOf({ ...llm, user_message: "" }, 1).user_message).toBe("");
  expect(planSteps([llm, llm])).toMatchObject([
    { input_references: 1, prev_references: 0 },
    { input_references: 0, prev_references: 1 },
  ]);
});

test.each([0, 1])("gives step %i one digest, however it is written", (index) => {
  const written: LlmStep[] = [
    llm,
    { ...llm, max_tokens: 1_000 },
    { ...llm, user_message: index === 0 ? "$INPUT" : "$PREV" },
    { ...llm, allow_cut: false, json: undefined, system_prompt: undefined },
  ];
  const digests = written.map((step) => digestOf(withDefaults(step, index)));
  expect(new Set(digests).size).toBe(1);
});

test("gives steps that differ different digests", () => {
  const different: LlmStep[] = [
    llm,
    { ...llm, max_tokens: 999 },
    { ...llm, json: true },
    { ...llm, allow_cut: true },
    { ...llm, temperature: 0 },
    { ...llm, system_prompt: "" },
    { ...llm, user_message: "$PREV" },
    { ...llm, label: "x" },
  ];
  const digests = different.map((step) => digestOf(withDefaults(step, 0)));
  expect(new Set(digests).size).toBe(different.length);
});

test("changes nothing in a script, or in what has its defaults", () => {
  expect(withDefaults(script, 0)).toBe(script);
  const once = withDefaults({ ...llm, json: true }, 0);
  expect(withDefaults(once, 0)).toEqual(once);
});
