import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { READS } from "../fields.ts";

const allowance = z.object({
  counter: z.string().describe("As a refusal names it"),
  owner: z.string().describe("The passport or agent whose limit it is"),
  limit_cents: z.number().optional(),
  spent_cents: z.number().optional().describe("Held or charged"),
  left_cents: z.number().optional(),
  only: z.array(z.string()).readonly().optional().describe("Ids that it allows"),
  until: z.string().optional(),
});

/** An agent learns nothing of its operator's affairs but what bounds it. */
const forOperators = {
  held_cents: z.number(),
  earnings_cents: z.number(),
  tier: z.string(),
  billing_period_start: z.string(),
  billing_period_end: z.string(),
  usage: z.object({
    free_skill_invocations: z.number(),
    free_compute_micro_usd_today: z.number(),
    published_skills: z.number(),
    passports: z.number(),
    dropoffs: z.number(),
    proxy_calls: z.number(),
  }),
  open_topups: z
    .array(z.object({ session_id: z.string(), amount_cents: z.number(), expires_at: z.string() }))
    .describe("Not paid yet; stack_topup of the amount gives the link again"),
  next_plan: z.string(),
  plans: z
    .record(z.string(), z.number().nullable())
    .describe("Cents a month; null is not for sale"),
  limits: z.object({
    free_compute_micro_usd_per_day: z.number(),
    published_skills: z.number().nullable(),
  }),
};

export const getBalance = defineOperation({
  name: "stack_get_balance",
  title: "Get the balance",
  description:
    "What your wallet can spend, holds and has earned, in cents; your plan and its use. An agent learns its limits: whose, what is left, until when.",
  scope: "wallet:read",
  agentScope: "skills:invoke",
  audience: "agents",
  input: z.strictObject({}),
  output: z.object({
    operator_id: z.string(),
    balance_cents: z.number().describe("Spendable: without held cents"),
    balance_usd: z.string(),
    play_money: z.boolean(),
    spendable_cents: z.number().optional().describe("What an agent's limits leave of it"),
    allowances: z.array(allowance).optional().describe("An agent's limits"),
    ...z.object(forOperators).partial().shape,
  }),
  idempotency: "none",
  toolset: "core",
  mcp: READS,
  rest: { method: "GET", path: "/v1/billing/balance", status: 200 },
  example: {},
  handle: (_input, { caller, services }) => services.wallet.balance(caller),
});
