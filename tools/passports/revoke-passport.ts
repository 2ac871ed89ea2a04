import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { CANCELS } from "../fields.ts";
import { normaliseJti } from "./input-aliases.ts";
import { jti, reason, revocation } from "./passport-fields.ts";

export const revokePassport = defineOperation({
  name: "stack_revoke_passport",
  title: "Revoke a passport",
  description:
    "Revoke a passport at once, with all passports delegated from it: invocations under them are cancelled and the holds are voided. A revocation cannot be undone.",
  scope: "passports:write",
  audience: "agents",
  input: z.strictObject({ jti, reason }),
  output: revocation,
  idempotency: "none",
  toolset: "passports",
  mcp: CANCELS,
  rest: { method: "POST", path: "/v1/passports/:jti/revoke", status: 200 },
  normalise: normaliseJti,
  example: { jti: "pp_01jcyxxxxxxxxxxxxxxxxxxxxx", reason: "mission complete" },
  handle: (input, { caller, services }) =>
    services.revocations.revokeOne(caller, input.jti, input.reason),
});
