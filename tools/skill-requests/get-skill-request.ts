import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { READS } from "../fields.ts";
import { requestId, requestView } from "./request-fields.ts";

export const getSkillRequest = defineOperation({
  name: "stack_get_skill_request",
  title: "Get a skill request",
  description:
    "One request of the board, with the schemas its buyer desires. stack_match_skill_request finds skills for it.",
  scope: "skills:read",
  input: z.strictObject({ request_id: requestId }),
  output: requestView,
  idempotency: "none",
  toolset: "market",
  mcp: READS,
  rest: { method: "GET", path: "/v1/skill-requests/:request_id", status: 200 },
  example: { request_id: "sreq_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) => services.skillRequests.get(caller, input.request_id),
});
