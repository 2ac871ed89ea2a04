import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { CANCELS, invocationId } from "../fields.ts";
import { invocation } from "../views.ts";

export const cancelInvocation = defineOperation({
  name: "stack_cancel_invocation",
  title: "Cancel an invocation",
  description:
    "Cancel an invocation you bought: the run is stopped, the hold is voided, nothing is charged. Refused while an open skill's provider has a claim on it.",
  scope: "skills:invoke",
  audience: "agents",
  input: z.strictObject({ invocation_id: invocationId }),
  output: invocation,
  idempotency: "optional",
  toolset: "core",
  mcp: CANCELS,
  rest: { method: "POST", path: "/v1/skills/invocations/:invocation_id/cancel", status: 200 },
  example: { invocation_id: "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services, meta }) =>
    services.invocations.cancel(caller, input.invocation_id, meta.idempotency),
});
