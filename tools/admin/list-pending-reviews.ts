import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { cursor, limit, page, READS } from "../fields.ts";
import { skillSummary } from "../views.ts";

export const listPendingReviews = defineOperation({
  name: "stack_list_pending_reviews",
  title: "List pending reviews",
  description:
    "Skills of all publishers that wait for an admin's review, newest first. stack_get_skill shows one; then stack_approve_skill or stack_reject_skill.",
  scope: "admin",
  input: z.strictObject({ limit, cursor }),
  output: page(skillSummary),
  idempotency: "none",
  toolset: "admin",
  mcp: READS,
  command: "review list",
  rest: { method: "GET", path: "/v1/skills/pending-reviews", status: 200 },
  example: {},
  handle: (input, { caller, services }) => services.status.listPendingReviews(caller, input),
});
