import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { CANCELS, idOf } from "../fields.ts";
import { reason, revocation } from "./passport-fields.ts";

export const revokeClaimPassports = defineOperation({
  name: "stack_revoke_claim_passports",
  title: "Revoke passports with a claim",
  description:
    "Revoke all passports that carry one identity claim. The claim itself stays: stack_revoke_claim revokes both.",
  scope: "passports:write",
  input: z.strictObject({
    claim_id: idOf("clm").describe("Id of the claim, clm_…"),
    reason,
  }),
  output: revocation,
  idempotency: "none",
  toolset: "passports",
  mcp: CANCELS,
  rest: { method: "POST", path: "/v1/passports/revoke-claim", status: 200 },
  example: { claim_id: "clm_01jcyxxxxxxxxxxxxxxxxxxxxx" },
  handle: (input, { caller, services }) =>
    services.revocations.revoke(caller, {
      type: "bulk_claim",
      target: input.claim_id,
      reason: input.reason,
      selection: { operatorId: caller.operatorId, claimId: input.claim_id },
    }),
});
