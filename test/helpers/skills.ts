/** Drafts that tests publish. */
const ANY = { type: "object" };

export const TEXT_OBJECT = {
  type: "object",
  properties: { text: { type: "string" } },
  required: ["text"],
};

export function sealedScript(
  code: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    name: "a-script",
    description: "A script for a test.",
    version: "1.0.0",
    execution_mode: "sealed",
    trust_level_required: "L0",
    price_per_invocation: 25,
    input_schema: ANY,
    output_schema: ANY,
    execution_steps: [{ type: "script", runtime: "javascript", code }],
    ...more,
  };
}

export function openSkill(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: "by-hand",
    description: "Somebody does it.",
    version: "1.0.0",
    execution_mode: "open",
    trust_level_required: "L0",
    price_per_invocation: 100,
    input_schema: ANY,
    output_schema: TEXT_OBJECT,
    ...more,
  };
}

/** A draft for `stack_test_skill`: code from text to text, and an input. */
export function draftOf(code: string, more: object = {}) {
  const execution_steps = [{ type: "script", runtime: "javascript", code }];
  return {
    input_schema: TEXT_OBJECT,
    output_schema: TEXT_OBJECT,
    execution_steps,
    input: { text: "hello" },
    ...more,
  };
}

/** The fields of a skill, or of an invocation, that tests read. */
export interface Shown {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly status: string;
}
