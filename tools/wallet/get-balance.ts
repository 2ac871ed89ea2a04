import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { READS } from "../fields.ts";

const allowance = z.object({
  counter: z.string().describe("Name of the limit, as in a refusal"),
  owner: z.string().describe("The passport or agent whose limit it is"),
  limit_cents: z.number().optional(),
  spent_cents: z.number().optional().describe("Held or charged"),
  left_cents: z.number().optional(),
  only: z.array(z.string()).readonly().optional().describe("Ids that it allows"),
  until: z.string().optional(),
});

/** Fields for operators; an agent sees only its own limits. */
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
    .describe("Not paid yet; stack_topup with the same amount returns the link again"),
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
    "Spendable, held and earned cents of your wallet; your plan and its use. An agent gets its limits: owner, cents left, expiry.",
  scope: "wallet:read",
  agentScope: "skills:invoke",
  audience: "agents",
  input: z.strictObject({}),
  output: z.object({
    operator_id: z.string(),
    balance_cents: z.number().describe("Spendable: without held cents"),
    balance_usd: z.string(),
    play_money: z.boolean(),
    spendable_cents: z
      .number()
      .optional()
      .describe("Part of the balance that an agent's limits allow"),
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
