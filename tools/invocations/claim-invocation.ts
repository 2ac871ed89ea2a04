import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { invocationId, WRITES } from "../fields.ts";
import { invocation } from "../views.ts";

export const claimInvocation = defineOperation({
  name: "stack_claim_invocation",
  title: "Claim an invocation",
  description:
    "Claim a pending invocation of your open skill for 5 minutes. Returns its whole input. Next: stack_complete_invocation or stack_fail_invocation.",
  scope: "skills:publish",
  input: z.strictObject({ invocation_id: invocationId }),
  output: invocation,
  idempotency: "optional",
  toolset: "core",
  mcp: WRITES,
  rest: { method: "POST", path: "/v1/skills/invocations/:invocation_id/claim", status: 200 },
  example: { invocation_id: "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services, meta }) =>
    services.provider.claim(caller, input.invocation_id, meta.idempotency),
});
