import type { Prompt } from "../market/skill.ts";
import { type ReferenceValues, type Rendered, renderTemplate } from "./prompt-template.ts";

/** Both prompts of a step as they are sent, or a sentence that says why they cannot be. */
export type RenderedPrompt =
  | { readonly userMessage: string; readonly systemPrompt: string | undefined }
  | { readonly problem: string };

/**
 * Fills both prompts with what they refer to. Together they come to at most `maxChars`: the reserve
 * was taken for that.
 */
export function renderPrompt(
  prompt: Prompt,
  values: ReferenceValues,
  maxChars: number,
): RenderedPrompt {
  const user = renderTemplate(prompt.user_message, values, maxChars);
  if ("problem" in user) return problemOf(user, maxChars);
  const system = renderTemplate(prompt.system_prompt ?? "", values, maxChars);
  if ("problem" in system) return problemOf(system, maxChars);
  if (user.text.length + system.text.length > maxChars)
    return problemOf({ problem: "too_long" }, maxChars);
  return {
    userMessage: user.text,
    systemPrompt: prompt.system_prompt === undefined ? undefined : system.text,
  };
}

function problemOf(found: Exclude<Rendered, { readonly text: string }>, maxChars: number) {
  if (found.problem === "too_long")
    return { problem: `The prompt comes to more than ${maxChars} characters.` };
  return { problem: `The prompt refers to ${found.reference}, which leads nowhere.` };
}
