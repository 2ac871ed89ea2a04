import type { ScriptStep } from "../../../domain/market/skill.ts";
import type { PublishRequest } from "../../skills/insert-skill.ts";

type Stated =
  | "name"
  | "description"
  | "tags"
  | "execution_mode"
  | "price_per_invocation"
  | "input_schema"
  | "output_schema"
  | "example_input";

/**
 * A skill of the example marketplace; what it does not state is as a publisher would have it by
 * default.
 */
export type SeedSkill = Pick<PublishRequest, Stated> & Partial<Omit<PublishRequest, Stated>>;

export const TEXT_IN = {
  type: "object",
  properties: { text: { type: "string", maxLength: 100_000 } },
  required: ["text"],
} as const;

export function script(code: string): ScriptStep {
  return { type: "script", runtime: "javascript", code };
}
