import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { invocationId } from "../fields.ts";
import { invocation } from "../views.ts";

export const approveInvocation = defineOperation({
  name: "stack_approve_invocation",
  title: "Approve an invocation",
  description:
    "Approve an invocation above its passport's threshold (pending, with approval): the invocation then runs. A person decides, over REST or with the command `approval`.",
  scope: "skills:invoke",
  input: z.strictObject({ invocation_id: invocationId }),
  output: invocation,
  idempotency: "optional",
  toolset: "market",
  // Others may tell a model what to approve.
  mcp: false,
  command: "approval approve",
  rest: { method: "POST", path: "/v1/skills/invocations/:invocation_id/approve", status: 200 },
  example: { invocation_id: "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services, meta }) =>
    services.approvals.decide(caller, input.invocation_id, true, meta.idempotency),
});

export const denyInvocation = defineOperation({
  name: "stack_deny_invocation",
  title: "Deny an invocation",
  description:
    "Deny an invocation above its passport's threshold: the invocation is cancelled and its hold is voided.",
  scope: "skills:invoke",
  input: z.strictObject({ invocation_id: invocationId }),
  output: invocation,
  idempotency: "optional",
  toolset: "market",
  mcp: false,
  command: "approval deny",
  rest: { method: "POST", path: "/v1/skills/invocations/:invocation_id/deny", status: 200 },
  example: { invocation_id: "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services, meta }) =>
    services.approvals.decide(caller, input.invocation_id, false, meta.idempotency),
});
