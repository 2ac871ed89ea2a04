import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { invocationId, shown, WRITES } from "../fields.ts";
import { invocation } from "../views.ts";

export const failInvocation = defineOperation({
  name: "stack_fail_invocation",
  title: "Fail an invocation",
  description:
    "End an invocation of your open skill as failed. The buyer is not charged and reads your reason.",
  scope: "skills:publish",
  input: z.strictObject({
    invocation_id: invocationId,
    reason: shown(z.string().min(1).max(500))
      .optional()
      .meta(ABSENT_IS_LESS)
      .describe("For the buyer"),
  }),
  output: invocation,
  idempotency: "optional",
  toolset: "core",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/skills/invocations/:invocation_id/fail", status: 200 },
  example: { invocation_id: "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx", reason: "The document is empty." },
  handle: (input, { caller, services, meta }) =>
    services.provider.fail(caller, input.invocation_id, input.reason, meta.idempotency),
});
