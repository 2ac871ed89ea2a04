import * as z from "zod";
import { EXECUTION_MODES, TRUST_LEVELS } from "../../src/domain/market/skill.ts";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { jsonObject, pin, READS, skillId } from "../fields.ts";
import { purchaseChange, skillDetail } from "../views.ts";

export const quoteSkill = defineOperation({
  name: "stack_quote_skill",
  title: "Quote a skill",
  description:
    "What an invocation would cost and whether it would be accepted: price, compute reserve, trust, fit of a concrete input, hosts and services it uses, isolation. Nothing is charged. Then stack_invoke_skill.",
  scope: "skills:read",
  audience: "agents",
  input: z.strictObject({
    skill_id: skillId,
    input: jsonObject.optional().meta(ABSENT_IS_LESS).describe("Checked against input_schema"),
    ...pin,
  }),
  output: z.object({
    skill_id: z.string(),
    name: z.string(),
    publisher: z.string(),
    not_to_be_taken_for: skillDetail.shape.not_to_be_taken_for,
    version: z.string(),
    digest: z.string(),
    execution_mode: z.enum(EXECUTION_MODES),
    trust_level_required: z.enum(TRUST_LEVELS),
    price_per_invocation: z.number(),
    credential_mode: z.string(),
    would_be_accepted: z.boolean(),
    obstacles: z.array(
      z.object({ code: z.string(), message: z.string(), details: z.unknown().optional() }),
    ),
    price_cents: z.number(),
    reserve_cents: z.number().describe("For compute; the unused part is freed"),
    hold_cents: z.number().describe("The most that can be charged"),
    balance_cents: z.number(),
    since_last_purchase: purchaseChange.optional(),
    trust: z.object({
      allowed: z.boolean(),
      required_level: z.enum(TRUST_LEVELS),
      your_level: z.enum(TRUST_LEVELS),
      evaluation: z.string(),
    }),
    input_checked: z.boolean(),
    example_input: z.unknown().optional().describe("An input that fits"),
    service_reserve_cents: z
      .number()
      .describe("For calls with its publisher's credentials, 15 % included"),
    egress_hosts: z.array(z.string()).readonly(),
    volatile: z.boolean().optional().describe("The output may vary over time"),
    refusals: skillDetail.shape.refusals.describe(
      "Codes with which the skill may refuse an input, uncharged",
    ),
    services: skillDetail.shape.required_credentials,
    isolation: z.enum(["process", "reduced", "provider"]),
    stand_in: z.boolean().optional().describe("Model steps are answered without a model"),
    note: z.string().optional(),
    model_providers: z.array(z.string()).describe("Model providers that get your input"),
    expires_after_seconds: z.number(),
    needs_approval: z
      .boolean()
      .optional()
      .describe("Above the passport's threshold: its operator must approve"),
  }),
  idempotency: "none",
  toolset: "core",
  mcp: READS,
  rest: { method: "POST", path: "/v1/skills/:skill_id/quote", status: 200 },
  example: { skill_id: "skl_01jcyxxxxxxxxxxxxxxxxxxxxx", input: { text: "hello" } },
  handle: (input, { caller, services }) => services.quotes.quote(caller, input),
});
