import * as z from "zod";
import { CHECKOUT_STATUSES } from "../../src/domain/identity/passport.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { cursor, idOf, limit, page, READS } from "../fields.ts";
import { checkoutView } from "./passport-fields.ts";

export const listCheckouts = defineOperation({
  name: "stack_list_checkouts",
  title: "List checkouts",
  description:
    "Checkouts of your agents' passports, newest first. A checkout with status pending waits for stack_review_checkout.",
  scope: "passports:read",
  input: z.strictObject({
    status: z.enum(CHECKOUT_STATUSES).optional().meta(ABSENT_IS_LESS),
    agent_id: idOf("agt").optional().meta(ABSENT_IS_LESS).describe("Only this agent's"),
    limit,
    cursor,
  }),
  output: page(checkoutView),
  idempotency: "none",
  toolset: "passports",
  mcp: READS,
  rest: { method: "GET", path: "/v1/checkouts", status: 200 },
  example: { status: "pending" },
  handle: (input, { caller, services }) => services.accountability.listCheckouts(caller, input),
});
