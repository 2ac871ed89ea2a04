/** The sealed skill of STACK's guide, as its document gives it. */
export const EXTRACT_INVOICE_TOTALS = {
  name: "extract-invoice-totals",
  description: "Read an invoice PDF text and return subtotal, tax, total.",
  version: "1.0.0",
  execution_mode: "sealed",
  credential_mode: "none",
  trust_level_required: "L0",
  price_cents: 25,
  input_schema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  output_schema: {
    type: "object",
    properties: {
      subtotal: { type: "number" },
      tax: { type: "number" },
      total: { type: "number" },
      currency: { type: "string" },
    },
  },
  execution_steps: [
    {
      type: "llm",
      model: "openai/gpt-4o-mini",
      system_prompt:
        "Extract subtotal, tax, total, currency from the invoice text. Reply with compact JSON.",
      user_message: "$INPUT.text",
    },
    {
      type: "script",
      runtime: "javascript",
      code: 'const parsed = JSON.parse($PREV); return { subtotal: Number(parsed.subtotal), tax: Number(parsed.tax), total: Number(parsed.total), currency: parsed.currency ?? "USD" };',
    },
  ],
};

export const INVOICE = { text: "Invoice #123\nSubtotal: $420\nTax: $35\nTotal: $455 USD" };

const ANY = { type: "object" };
const COMMON = {
  version: "1.0.0",
  trust_level_required: "L0",
  input_schema: ANY,
  output_schema: ANY,
};

export const ALWAYS_THROWS = {
  ...COMMON,
  name: "always-throws",
  description: "Fails on purpose, to show that a failed run is not charged.",
  execution_mode: "sealed",
  price_per_invocation: 40,
  execution_steps: [
    { type: "script", runtime: "javascript", code: 'throw new Error("on purpose");' },
  ],
};

export const TOO_DEAR = {
  ...COMMON,
  name: "due-diligence",
  description: "A report that costs more than the buyer has.",
  execution_mode: "open",
  price_per_invocation: 500_000,
};

export const TRANSLATE_BY_HAND = {
  ...COMMON,
  name: "translate-by-hand",
  description: "A person translates a sentence.",
  execution_mode: "open",
  price_per_invocation: 120,
  output_schema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
};
