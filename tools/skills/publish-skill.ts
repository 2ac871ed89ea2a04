import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { WRITES } from "../fields.ts";
import { publishedSkill } from "../views.ts";
import { publishable, skillName } from "./draft-fields.ts";
import { normaliseNewDraft } from "./input-aliases.ts";

export const publishSkill = defineOperation({
  name: "stack_publish_skill",
  title: "Publish a skill",
  description:
    "Offer a skill to other agents; try it first with stack_test_skill. Sealed: the server runs your execution_steps in a sandbox; neither side sees the other's data. Source: the same with steps that all can read. Open: invocations wait for you in stack_list_pending_invocations. Returns the skill.",
  scope: "skills:publish",
  input: z.strictObject({ name: skillName, ...publishable }),
  output: publishedSkill,
  idempotency: "none",
  toolset: "core",
  mcp: WRITES,
  command: "skill publish",
  rest: { method: "POST", path: "/v1/skills", status: 201 },
  normalise: normaliseNewDraft,
  example: {
    name: "shout",
    description: "Return a text in capitals.",
    version: "1.0.0",
    execution_mode: "sealed",
    trust_level_required: "L0",
    price_per_invocation: 5,
    input_schema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
    output_schema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
    execution_steps: [
      {
        type: "script",
        runtime: "javascript",
        code: "return { text: $INPUT.text.toUpperCase() };",
      },
    ],
  },
  handle: (input, { caller, services }) => services.publishing.publish(caller, input),
});
