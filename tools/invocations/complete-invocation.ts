import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { invocationId, json, WRITES } from "../fields.ts";
import { invocation } from "../views.ts";

export const completeInvocation = defineOperation({
  name: "stack_complete_invocation",
  title: "Complete an invocation",
  description:
    "Deliver the output of an invocation of your open skill and be paid. An output that does not fit the skill's output_schema changes nothing; you can try again.",
  scope: "skills:publish",
  input: z.strictObject({
    invocation_id: invocationId,
    output: json.describe("Fits the skill's output_schema"),
  }),
  output: invocation,
  idempotency: "optional",
  toolset: "core",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/skills/invocations/:invocation_id/complete", status: 200 },
  example: { invocation_id: "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx", output: { text: "HELLO" } },
  handle: (input, { caller, services, meta }) =>
    services.provider.complete(caller, input.invocation_id, input.output, meta.idempotency),
});
