import * as z from "zod";
import { INVOCATION_STATUSES } from "../../src/domain/runs/invocation.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { cursor, limit, ownSkillId, page, READS } from "../fields.ts";
import { invocation } from "../views.ts";

export const listSales = defineOperation({
  name: "stack_list_sales",
  title: "List sales",
  description:
    "Runs of your skills, newest first: status, usage and earnings of each, and a failure's verdict, step and line. Neither the content nor the buyer is shown. stack_get_earnings has the sums.",
  scope: "skills:publish",
  input: z.strictObject({
    skill_id: ownSkillId.optional().meta(ABSENT_IS_LESS),
    status: z
      .enum(INVOCATION_STATUSES)
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("failed: only failed runs"),
    limit,
    cursor,
  }),
  output: page(invocation),
  idempotency: "none",
  toolset: "publish",
  mcp: READS,
  command: "sales",
  rest: { method: "GET", path: "/v1/billing/sales", status: 200 },
  example: { status: "failed" },
  handle: (input, { caller, services }) => services.provider.listSales(caller, input),
});
