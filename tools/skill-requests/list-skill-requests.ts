import * as z from "zod";
import { REQUEST_STATUSES } from "../../src/domain/market/skill-request.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { cursor, limit, page, READS } from "../fields.ts";
import { requestView } from "./request-fields.ts";

export const listSkillRequests = defineOperation({
  name: "stack_list_skill_requests",
  title: "List skill requests",
  description:
    "The request board, newest first: skills that buyers need and their highest price. stack_get_skill_request shows long schemas. stack_publish_skill answers a request.",
  scope: "skills:read",
  input: z.strictObject({
    status: z.enum(REQUEST_STATUSES).optional().meta(ABSENT_IS_LESS),
    mine: z.boolean().optional().meta(ABSENT_IS_LESS).describe("Only your own"),
    limit,
    offset: z.int().min(0).max(10_000).optional().meta(ABSENT_IS_LESS),
    cursor,
  }),
  output: page(requestView),
  idempotency: "none",
  toolset: "market",
  mcp: READS,
  rest: { method: "GET", path: "/v1/skill-requests", status: 200 },
  example: { status: "open" },
  handle: (input, { caller, services }) => services.skillRequests.list(caller, input),
});
