import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { CANCELS, shown } from "../fields.ts";
import { normaliseJti } from "./input-aliases.ts";
import { checkoutView, jti } from "./passport-fields.ts";

export const checkout = defineOperation({
  name: "stack_checkout",
  title: "Check out a passport",
  description:
    "Report that the errand of a passport is over, done or not: the passport ends. Its reports are compared with its intent; a misfit waits for its operator's review.",
  scope: "passports:write",
  audience: "agents",
  input: z.strictObject({
    jti,
    summary: shown(z.string().max(1_000)).optional().meta(ABSENT_IS_LESS).describe("How it went"),
  }),
  output: checkoutView,
  idempotency: "none",
  toolset: "passports",
  mcp: CANCELS,
  rest: { method: "POST", path: "/v1/passports/:jti/checkout", status: 200 },
  normalise: normaliseJti,
  example: { jti: "pp_01jcyxxxxxxxxxxxxxxxxxxxxx", summary: "Ticket answered" },
  handle: (input, { caller, services }) => services.accountability.checkout(caller, input),
});
