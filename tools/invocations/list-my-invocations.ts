import * as z from "zod";
import { INVOCATION_STATUSES } from "../../src/domain/runs/invocation.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { cursor, limit, page, READS, skillId } from "../fields.ts";
import { invocation } from "../views.ts";

export const listMyInvocations = defineOperation({
  name: "stack_list_my_invocations",
  title: "List my invocations",
  description:
    "The invocations you bought, newest first, with state and cost. stack_check_invocation shows one with its output.",
  scope: "skills:read",
  audience: "agents",
  input: z.strictObject({
    status: z.enum(INVOCATION_STATUSES).optional().meta(ABSENT_IS_LESS),
    skill_id: skillId.optional().meta(ABSENT_IS_LESS),
    limit,
    cursor,
  }),
  output: page(invocation),
  idempotency: "none",
  toolset: "market",
  mcp: READS,
  rest: { method: "GET", path: "/v1/skills/invocations/mine", status: 200 },
  example: {},
  handle: (input, { caller, services }) => services.invocations.listMine(caller, input),
});
