import * as z from "zod";
import { REQUEST_STATUSES } from "../../src/domain/market/skill-request.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { staying, WRITES } from "../fields.ts";
import { normaliseRequest, requestDraft, requestId, requestView } from "./request-fields.ts";

export const updateSkillRequest = defineOperation({
  name: "stack_update_skill_request",
  title: "Update a skill request",
  description:
    "Change a request of yours, or end it with status closed or fulfilled. What you leave out stays.",
  scope: "skills:invoke",
  input: z
    .strictObject({ request_id: requestId })
    .extend(staying({ status: z.enum(REQUEST_STATUSES), ...requestDraft })),
  output: requestView,
  idempotency: "none",
  toolset: "market",
  mcp: WRITES,
  rest: { method: "PATCH", path: "/v1/skill-requests/:request_id", status: 200 },
  normalise: normaliseRequest,
  example: { request_id: "sreq_01jcyxxxxxxxxxxxxxxxxxxxxx", status: "fulfilled" },
  handle: ({ request_id, ...change }, { caller, services }) =>
    services.skillRequests.update(caller, request_id, change),
});
