/**
 * A buyer's loop of thirteen calls, one of them wrong: what is told of it has to reach the model.
 */
const last = (pattern) => (told) => told.match(pattern)?.at(-1) ?? "";
const skill = last(/skl_[0-9a-z]{26}/g);
const invocation = last(/sinv_[0-9a-z]{26}/g);

const INPUT = { text: "Invoice #123\nSubtotal: $420\nTotal: $455 USD" };
const invoke = (told) => ({
  skill_id: skill(told),
  input: INPUT,
  max_charge_cents: 1_000,
  wait_ms: 20_000,
});

const DRAFT = {
  name: "invoice-total",
  description: "Read an invoice and return its total.",
  version: "1.0.0",
  execution_mode: "sealed",
  trust_level_required: "L0",
  price_per_invocation: 5,
  input_schema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  output_schema: { type: "object", properties: { total: { type: "number" } }, required: ["total"] },
  execution_steps: [
    { type: "llm", model: "openai/gpt-4o-mini", user_message: "$INPUT.text", json: true },
    { type: "script", runtime: "javascript", code: "return { total: $PREV.total };" },
  ],
};

export const PLAN = [
  { tool: "stack_get_balance", input: () => ({}) },
  { tool: "stack_publish_skill", input: () => DRAFT },
  { tool: "stack_browse_skills", input: () => ({ search: "invoice" }) },
  { tool: "stack_get_skill", input: (told) => ({ skill_id: skill(told) }) },
  { tool: "stack_check_trust_level", input: (told) => ({ skill_id: skill(told) }) },
  { tool: "stack_quote_skill", input: (told) => ({ skill_id: skill(told), input: INPUT }) },
  { tool: "stack_invoke_skill", input: (told) => ({ ...invoke(told), input: {} }) },
  { tool: "stack_invoke_skill", input: invoke },
  { tool: "stack_invoke_skill", input: invoke },
  { tool: "stack_check_invocation", input: (told) => ({ invocation_id: invocation(told) }) },
  { tool: "stack_find_tools", input: () => ({ query: "receipts" }) },
  {
    tool: "stack_run_read",
    input: (told) => ({
      tool: "stack_get_receipt",
      arguments: { invocation_id: invocation(told) },
    }),
  },
  { tool: "stack_topup", input: () => ({ amount_cents: 2_500 }) },
];
