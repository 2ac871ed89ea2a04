import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { invocationId, shown, WRITES } from "../fields.ts";
import { invocation } from "../views.ts";

export const renewInvocation = defineOperation({
  name: "stack_renew_invocation",
  title: "Renew an invocation",
  description:
    "Extend your claim on an invocation of your open skill to 5 minutes from now, and report your progress to its buyer. Then stack_complete_invocation or stack_fail_invocation.",
  scope: "skills:publish",
  input: z.strictObject({
    invocation_id: invocationId,
    progress: z.int().min(0).max(100).optional().meta(ABSENT_IS_LESS).describe("Percent"),
    note: shown(z.string().min(1).max(500))
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("For the buyer"),
  }),
  output: invocation,
  idempotency: "optional",
  toolset: "publish",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/skills/invocations/:invocation_id/renew", status: 200 },
  example: { invocation_id: "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx", progress: 40 },
  handle: ({ invocation_id, ...report }, { caller, services, meta }) =>
    services.provider.renew(caller, invocation_id, report, meta.idempotency),
});
