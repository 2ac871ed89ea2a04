import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { CANCELS, idOf } from "../fields.ts";
import { reason, revocation } from "./passport-fields.ts";

export const revokeSession = defineOperation({
  name: "stack_revoke_session",
  title: "Revoke a session",
  description:
    "Revoke all passports of one session at once: the issued passport and all passports delegated from it.",
  scope: "passports:write",
  input: z.strictObject({
    session_id: idOf("ses").describe("Id of the session, ses_…"),
    reason,
  }),
  output: revocation,
  idempotency: "none",
  toolset: "passports",
  mcp: CANCELS,
  rest: { method: "POST", path: "/v1/passports/revoke-session", status: 200 },
  example: { session_id: "ses_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) =>
    services.revocations.revoke(caller, {
      type: "bulk_session",
      target: input.session_id,
      reason: input.reason,
      selection: { operatorId: caller.operatorId, sessionId: input.session_id },
    }),
});
