import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { cursor, limit, READS, skillId } from "../fields.ts";

export const listPendingInvocations = defineOperation({
  name: "stack_list_pending_invocations",
  title: "List pending invocations",
  description:
    "Pending invocations of your open skills, oldest first, with their input (the claim returns a long one). Then stack_claim_invocation, or directly stack_complete_invocation.",
  scope: "skills:publish",
  input: z.strictObject({ skill_id: skillId.optional().meta(ABSENT_IS_LESS), limit, cursor }),
  output: z.object({
    items: z.array(
      z.object({
        id: z.string(),
        skill_id: z.string(),
        price_cents: z.number(),
        input: z.unknown().optional(),
        input_chars: z.number(),
        created_at: z.string(),
        expires_at: z.string(),
      }),
    ),
    next_cursor: z.string().optional(),
  }),
  idempotency: "none",
  toolset: "core",
  mcp: READS,
  rest: { method: "GET", path: "/v1/skills/invocations/pending", status: 200 },
  example: {},
  handle: (input, { caller, services }) => services.provider.listPending(caller, input),
});
