import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { cursor, idOf, limit, page, READS } from "../fields.ts";
import { passportView } from "./passport-fields.ts";

export const listActivePassports = defineOperation({
  name: "stack_list_active_passports",
  title: "List active passports",
  description: "Passports that are valid now, newest first, with intent, mandate and spent cents.",
  scope: "passports:read",
  audience: "agents",
  input: z.strictObject({
    agent_id: idOf("agt").optional().meta(ABSENT_IS_LESS).describe("Only this agent's"),
    session_id: idOf("ses").optional().meta(ABSENT_IS_LESS).describe("Only of this session, ses_…"),
    limit,
    cursor,
  }),
  output: page(passportView),
  idempotency: "none",
  toolset: "passports",
  mcp: READS,
  rest: { method: "GET", path: "/v1/passports", status: 200 },
  example: {},
  handle: (input, { caller, services }) => services.passports.listActive(caller, input),
});
