import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS, ABSENT_IS_MORE, UNSHOWN } from "../../src/operations/field-marks.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { idOf, jsonObject, notAnId, pin, skillId, waitMs } from "../fields.ts";
import { invocation, purchaseChange } from "../views.ts";
import { normaliseInvoke } from "./input-aliases.ts";

export const invokeSkill = defineOperation({
  name: "stack_invoke_skill",
  title: "Invoke a skill",
  description:
    "Run a skill on your input. The price and a compute reserve are held in your wallet, charged only for an output that fits, and freed otherwise. Returns the invocation; while it is pending or processing, ask stack_check_invocation. A repeated call within a minute is the same run, charged once.",
  scope: "skills:invoke",
  audience: "agents",
  input: z.strictObject({
    skill_id: skillId,
    input: jsonObject.describe("Fits the skill's input_schema"),
    ...pin,
    max_charge_cents: z
      .int()
      .min(0)
      .max(10 * LIMITS.priceCents)
      .optional()
      .meta(ABSENT_IS_MORE)
      .describe("Refuse if it could cost more"),
    agent_id: idOf("agt")
      .optional()
      .meta({ ...ABSENT_IS_LESS, ...UNSHOWN }),
    passport_id: idOf("pp")
      .optional()
      .meta({ ...ABSENT_IS_LESS, ...UNSHOWN }),
    payment_token: notAnId(z.string().max(256), "kept, not looked up")
      .optional()
      .meta({ ...ABSENT_IS_LESS, ...UNSHOWN }),
    wait_ms: waitMs(LIMITS.waitMs.invoke),
  }),
  output: invocation.extend({
    deduplicated: z.boolean().optional().describe("An earlier identical call started the run"),
    invocation_id: z.string().optional(),
    since_last_purchase: purchaseChange.optional(),
  }),
  idempotency: "default",
  toolset: "core",
  longRunning: {
    waitField: "wait_ms",
    check: "stack_check_invocation",
    cancel: "stack_cancel_invocation",
    idField: "invocation_id",
    waitsForPerson: ({ approval }) => approval !== undefined,
  },
  headers: { payment_token: "X-Payment-Token" },
  mcp: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  rest: { method: "POST", path: "/v1/skills/:skill_id/invoke", status: 201 },
  normalise: normaliseInvoke,
  example: {
    skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx",
    input: { text: "hello" },
    idempotency_key: "order-1",
  },
  handle: (input, { caller, services, meta }) => services.invocations.invoke(caller, input, meta),
});
