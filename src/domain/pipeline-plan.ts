import { LIMITS } from "../shared/limits.ts";
import { refersTo } from "./references.ts";
import type { LlmStep, PlannedStep, Prompt, Step } from "./skill.ts";

/** What is kept of the steps in clear. */
export function planSteps(steps: readonly Step[]): PlannedStep[] {
  return steps.map((step, index) =>
    step.type === "script" ? { type: step.type, runtime: step.runtime } : planLlm(step, index),
  );
}

/** The prompts of a step. A missing `user_message` is the previous step's output, in a first step the input. */
export function promptOf(step: LlmStep, index: number): Prompt {
  return { system_prompt: step.system_prompt, user_message: step.user_message ?? (index === 0 ? "$INPUT" : "$PREV") };
}

function planLlm(step: LlmStep, index: number): PlannedStep {
  const { system_prompt = "", user_message } = promptOf(step, index);
  const both = `${system_prompt}\n${user_message}`;
  return {
    type: "llm",
    model: step.model,
    temperature: step.temperature,
    max_tokens: step.max_tokens ?? LIMITS.llmMaxTokens,
    prompt_chars: both.length,
    uses_input: refersTo(both, "INPUT"),
    uses_prev: refersTo(both, "PREV"),
  };
}
