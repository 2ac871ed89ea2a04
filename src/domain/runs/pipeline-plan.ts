import { LIMITS } from "../../shared/limits.ts";
import type { LlmStep, PlannedStep, Prompt, Step } from "../market/skill.ts";
import { countReferences } from "./prompt-template.ts";

/** Returns the part of the steps that is kept in clear. */
export function planSteps(steps: readonly Step[]): PlannedStep[] {
  return steps.map((step, index) => {
    if (step.type === "llm") return planLlm(step, index);
    return {
      type: step.type,
      label: step.label,
      runtime: step.runtime,
      lines: step.code.split("\n").length,
    };
  });
}

/**
 * A step with what its publisher left out, so that the same steps have the same digest however they
 * are written.
 */
export function withDefaults(step: Step, index: number): Step {
  if (step.type === "script") return step;
  const { allow_cut, json, ...rest } = step;
  const asked = { ...(allow_cut ? { allow_cut } : {}), ...(json ? { json } : {}) };
  return {
    ...rest,
    ...promptOf(step, index),
    max_tokens: step.max_tokens ?? LIMITS.llmMaxTokens,
    ...asked,
  };
}

/**
 * The prompts of a step. A missing `user_message` is the previous step's output, in a first step
 * the input.
 */
export function promptOf(step: LlmStep, index: number): Prompt {
  return {
    system_prompt: step.system_prompt,
    user_message: step.user_message ?? (index === 0 ? "$INPUT" : "$PREV"),
  };
}

function planLlm(step: LlmStep, index: number): PlannedStep {
  const { system_prompt = "", user_message } = promptOf(step, index);
  const both = `${system_prompt}\n${user_message}`;
  return {
    type: "llm",
    label: step.label,
    model: step.model,
    temperature: step.temperature,
    max_tokens: step.max_tokens ?? LIMITS.llmMaxTokens,
    ...(step.allow_cut ? { allow_cut: true } : {}),
    ...(step.json ? { json: true } : {}),
    prompt_chars: both.length,
    input_references: countReferences(both, "INPUT"),
    prev_references: countReferences(both, "PREV"),
  };
}
