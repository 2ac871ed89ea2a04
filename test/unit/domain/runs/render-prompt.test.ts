import { expect, test } from "vitest";
import { renderPrompt } from "../../../../src/domain/runs/render-prompt.ts";

const values = { input: { text: "hello" }, prev: "before" };

test("fills both prompts", () => {
  const prompt = { system_prompt: "Mind $PREV.", user_message: "Read $INPUT.text." };
  expect(renderPrompt(prompt, values, 100)).toEqual({
    systemPrompt: "Mind before.",
    userMessage: "Read hello.",
  });
});

test("tells an empty system prompt from none", () => {
  const user_message = "$PREV";
  expect(renderPrompt({ system_prompt: undefined, user_message }, values, 100)).toEqual({
    systemPrompt: undefined,
    userMessage: "before",
  });
  expect(renderPrompt({ system_prompt: "", user_message }, values, 100)).toEqual({
    systemPrompt: "",
    userMessage: "before",
  });
});

test("lets both prompts together be as long as the most, and no longer", () => {
  const prompt = { system_prompt: "$PREV", user_message: "$INPUT.text" };
  expect(renderPrompt(prompt, values, 11)).toEqual({
    systemPrompt: "before",
    userMessage: "hello",
  });
  for (const maxChars of [10, 6, 5, 4])
    expect(renderPrompt(prompt, values, maxChars)).toEqual({
      problem: `The prompt comes to more than ${maxChars} characters.`,
    });
});

test.each([
  [{ system_prompt: undefined, user_message: "$INPUT.none" }, "$INPUT.none"],
  [{ system_prompt: "$PREV.none", user_message: "hi" }, "$PREV.none"],
  [{ system_prompt: "$PREV.none", user_message: "$INPUT[0]" }, "$INPUT[0]"],
])("names of %j the reference that leads nowhere: %s", (prompt, reference) => {
  expect(renderPrompt(prompt, values, 100)).toEqual({
    problem: `The prompt refers to ${reference}, which leads nowhere.`,
  });
});
