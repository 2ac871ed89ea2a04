import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { jsonObject, WRITES } from "../fields.ts";
import { refusal } from "../views.ts";
import { draft, publishable, skillName } from "./draft-fields.ts";
import { normaliseDraft } from "./input-aliases.ts";

const failure = z.object({
  code: z.string(),
  message: z.string(),
  reason: z.string().optional(),
  line: z.number().optional(),
  details: z.object({ refusal }).optional(),
});

export const testSkill = defineOperation({
  name: "stack_test_skill",
  title: "Test a draft",
  description:
    "Run a draft of a skill once on an example input: not stored, not paid, in the sandbox its buyers will use. Returns each step's output, usage and error with your line, and whether the result fits output_schema. Then stack_publish_skill.",
  scope: "skills:publish",
  input: z.strictObject({
    ...publishable,
    name: skillName.optional().meta(ABSENT_IS_LESS),
    description: draft.description.optional().meta(ABSENT_IS_LESS),
    version: draft.version.optional().meta(ABSENT_IS_LESS),
    trust_level_required: draft.trust_level_required.optional().meta(ABSENT_IS_LESS),
    execution_mode: draft.execution_mode.default("sealed"),
    input: jsonObject.optional().meta(ABSENT_IS_LESS).describe("Default: example_input"),
  }),
  output: z.object({
    ok: z.boolean(),
    output: z.unknown().optional(),
    output_chars: z.number().optional(),
    warnings: z.array(z.string()).readonly().optional(),
    misfits: z
      .array(z.object({ path: z.string(), rule: z.string(), message: z.string() }))
      .readonly(),
    error: failure.extend({ step: z.number() }).optional(),
    steps: z
      .array(
        z.object({
          step: z.number(),
          type: z.enum(["llm", "script"]),
          label: z.string().optional(),
          ok: z.boolean(),
          output: z.unknown().optional(),
          output_chars: z.number().optional(),
          error: failure.optional(),
          printed: z.array(z.string()).readonly().optional(),
          usage: z.record(z.string(), z.number()).optional(),
        }),
      )
      .readonly(),
    compute_micro_usd: z.number(),
    compute_cents: z.number(),
    reserve_cents: z.number(),
    stand_in: z.boolean(),
    note: z.string().optional(),
  }),
  idempotency: "none",
  toolset: "publish",
  mcp: { ...WRITES, openWorldHint: true },
  command: "skill test",
  rest: { method: "POST", path: "/v1/skills/test", status: 200 },
  normalise: normaliseDraft,
  example: {
    input_schema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
    output_schema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
    execution_steps: [
      {
        type: "script",
        runtime: "javascript",
        code: "return { text: $INPUT.text.toUpperCase() };",
      },
    ],
    input: { text: "hello" },
  },
  handle: ({ input, example_input = {}, ...rest }, { caller, services, meta }) => {
    const draft = { ...rest, trust_level_required: rest.trust_level_required ?? "L0" };
    return services.drafts.test(caller, { ...draft, input: input ?? example_input }, meta.signal);
  },
});
