import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { CANCELS } from "../fields.ts";
import { reason, revocation } from "./passport-fields.ts";

export const revokeAllPassports = defineOperation({
  name: "stack_revoke_all_passports",
  title: "Revoke all passports",
  description:
    "Revoke every passport that you issued; invocations under them are cancelled. Use it when you do not know which passport was lost.",
  scope: "passports:write",
  input: z.strictObject({
    reason,
  }),
  output: revocation,
  idempotency: "none",
  toolset: "passports",
  mcp: CANCELS,
  rest: { method: "POST", path: "/v1/passports/revoke-all", status: 200 },
  example: { reason: "a laptop was stolen" },
  handle: (input, { caller, services }) =>
    services.revocations.revoke(caller, {
      type: "bulk_operator",
      target: caller.operatorId,
      reason: input.reason,
      selection: { operatorId: caller.operatorId },
    }),
});
