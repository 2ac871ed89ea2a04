import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_MORE } from "../../src/operations/field-marks.ts";
import { notAnId, READS } from "../fields.ts";
import { token } from "./passport-fields.ts";

export const verifyPassport = defineOperation({
  name: "stack_verify_passport",
  title: "Verify a passport",
  description:
    "Verify a passport that somebody showed you: signature, time and revocation are checked, and its claims come back. An expired or revoked passport is an error that says so.",
  scope: "passports:read",
  audience: "anyone",
  input: z.strictObject({
    token: token.describe("The passport's token"),
    service_id: notAnId(z.string().max(64), "compared with what the passport carries")
      .optional()
      .meta(ABSENT_IS_MORE)
      .describe("Also check whether the passport opens this connection or service"),
  }),
  output: z.object({
    valid: z.boolean(),
    reason: z.string().optional(),
    jti: z.string(),
    agent_id: z.string(),
    operator_id: z.string(),
    session_id: z.string(),
    expires_at: z.string(),
    claims: z.record(z.string(), z.unknown()),
  }),
  idempotency: "none",
  toolset: "passports",
  mcp: READS,
  rest: { method: "POST", path: "/v1/passports/verify", status: 200 },
  normalise: ({ serviceId, ...raw }) => ({
    ...raw,
    ...(serviceId === undefined ? {} : { service_id: serviceId }),
  }),
  example: { token: "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl" },
  handle: (input, { services }) => services.passports.verify(input.token, input.service_id),
});
