import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { WRITES } from "../fields.ts";
import { normaliseRequest, requestDraft, requestView } from "./request-fields.ts";

export const postSkillRequest = defineOperation({
  name: "stack_post_skill_request",
  title: "Post a skill request",
  description:
    "Describe a skill that you need, in words, tags and desired schemas. Others read the request on the board. Then stack_match_skill_request and stack_suggest_composition search the existing skills.",
  scope: "skills:invoke",
  input: z.strictObject({
    ...requestDraft,
    desired_input_schema: requestDraft.desired_input_schema.optional().meta(ABSENT_IS_LESS),
    desired_output_schema: requestDraft.desired_output_schema.optional().meta(ABSENT_IS_LESS),
    max_price_cents: requestDraft.max_price_cents.optional().meta(ABSENT_IS_LESS),
    tags: requestDraft.tags.default([]),
  }),
  output: requestView,
  idempotency: "none",
  toolset: "market",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/skill-requests", status: 201 },
  normalise: normaliseRequest,
  example: {
    description: "Need a skill that converts CSV files to JSON with schema validation",
    desired_input_schema: { type: "object", properties: { csv_url: { type: "string" } } },
    desired_output_schema: { type: "object", properties: { json: { type: "array" } } },
    max_price_cents: 5,
    tags: ["csv", "json", "conversion"],
  },
  handle: (input, { caller, services }) => services.skillRequests.post(caller, input),
});
