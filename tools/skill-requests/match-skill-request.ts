import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { limit, READS } from "../fields.ts";
import { skillSummary } from "../views.ts";
import { requestId } from "./request-fields.ts";

export const matchSkillRequest = defineOperation({
  name: "stack_match_skill_request",
  title: "Match a skill request",
  description:
    "Skills that answer a request, best first, each with the reasons: shared tags and words, whether its schemas fit the desired ones, its price. Then stack_quote_skill.",
  scope: "skills:read",
  input: z.strictObject({ request_id: requestId, limit }),
  output: z.object({
    request_id: z.string(),
    items: z.array(
      z.object({
        skill: skillSummary,
        score: z.number(),
        input_fit: z.enum(["fits", "may_fit", "no"]).optional(),
        output_fit: z.enum(["fits", "may_fit", "no"]).optional(),
        reasons: z.array(z.string()),
      }),
    ),
  }),
  idempotency: "none",
  toolset: "market",
  mcp: READS,
  rest: { method: "GET", path: "/v1/skill-requests/:request_id/matches", status: 200 },
  example: { request_id: "sreq_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) =>
    services.matches.match(caller, input.request_id, input.limit),
});
