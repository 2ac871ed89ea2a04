import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { invocationId, READS, waitMs } from "../fields.ts";
import { invocation } from "../views.ts";

export const checkInvocation = defineOperation({
  name: "stack_check_invocation",
  title: "Check an invocation",
  description:
    "State, output and cost of an invocation you bought or provide. With wait_ms the call waits for the end; otherwise ask again after poll_after_ms.",
  scope: "skills:read",
  audience: "agents",
  input: z.strictObject({ invocation_id: invocationId, wait_ms: waitMs(LIMITS.waitMs.check) }),
  output: invocation,
  idempotency: "none",
  toolset: "core",
  resource: {
    name: "invocations",
    path: "invocations",
    idField: "invocation_id",
    title: "Invocation",
    description: "An invocation you bought or provide; subscribe to follow its changes",
    // When to ask again is advice to a caller.
    leaveOut: ["poll_after_ms"],
  },
  mcp: READS,
  rest: { method: "GET", path: "/v1/skills/invocations/:invocation_id", status: 200 },
  example: { invocation_id: "sinv_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services, meta }) =>
    services.invocations.check(caller, input.invocation_id, input.wait_ms, meta),
});
