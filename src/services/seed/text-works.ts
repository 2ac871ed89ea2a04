import { type SeedSkill, script, TEXT_IN } from "./seed-skill.ts";

const COUNT_WORDS = `const { text } = $INPUT;
const words = text.match(/[\\p{L}\\p{N}'’-]+/gu) ?? [];
const sentences = text.split(/[.!?…]+(?:\\s|$)/u).filter((part) => part.trim() !== "");
return {
  words: words.length,
  characters: [...text].length,
  sentences: sentences.length,
  reading_seconds: Math.ceil(words.length / 4),
};`;

const SLUGIFY = `const slug = $INPUT.text
  .normalize("NFKD")
  .replace(/\\p{M}/gu, "")
  .toLowerCase()
  .replace(/[^a-z0-9]+/g, "-")
  .replace(/^-+|-+$/g, "");
return { slug };`;

const REDACT = `const found = { emails: 0, phones: 0, cards: 0, ibans: 0 };
const counted = (kind) => () => {
  found[kind]++;
  return "[" + kind.slice(0, -1) + "]";
};
const text = $INPUT.text
  .replace(/[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+/g, counted("emails"))
  .replace(/\\b[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\\b/g, counted("ibans"))
  .replace(/\\b(?:\\d[ -]?){13,16}\\b/g, counted("cards"))
  .replace(/\\+?\\d[\\d ()-]{7,}\\d/g, counted("phones"));
return { text, found };`;

const TRIAGE = `const rules = [
  ["billing", /invoice|refund|charge|payment|price/i],
  ["access", /password|login|log in|account|locked/i],
  ["bug", /error|crash|broken|fails|bug/i],
];
const said = $PREV ?? {};
const text = $INPUT.subject + " " + $INPUT.body;
const byRule = rules.find(([, pattern]) => pattern.test(text))?.[0] ?? "other";
const category = ["billing", "access", "bug", "other"].includes(said.category) ? said.category : byRule;
const urgent = typeof said.urgent === "boolean" ? said.urgent : /urgent|asap|immediately|down/i.test(text);
return { category, urgent };`;

const INVOICE = `const parsed = $PREV;
return {
  subtotal: Number(parsed.subtotal),
  tax: Number(parsed.tax),
  total: Number(parsed.total),
  currency: parsed.currency ?? "USD",
};`;

/** Words in, facts out. */
export const TEXT_WORKS: readonly SeedSkill[] = [
  {
    name: "count-words",
    description: "Count words, characters and sentences of a text, and say how long it takes to read.",
    tags: ["text", "statistics"],
    execution_mode: "source",
    price_per_invocation: 0,
    input_schema: TEXT_IN,
    output_schema: {
      type: "object",
      properties: {
        words: { type: "integer" },
        characters: { type: "integer" },
        sentences: { type: "integer" },
        reading_seconds: { type: "integer" },
      },
      required: ["words", "characters", "sentences", "reading_seconds"],
    },
    execution_steps: [script(COUNT_WORDS)],
  },
  {
    name: "slugify",
    description: "Turn a title into a slug for an address: lower case, without accents, hyphens between words.",
    tags: ["text", "web"],
    execution_mode: "source",
    price_per_invocation: 0,
    input_schema: TEXT_IN,
    output_schema: { type: "object", properties: { slug: { type: "string" } }, required: ["slug"] },
    execution_steps: [script(SLUGIFY)],
  },
  {
    name: "redact-personal-data",
    description: "Replace e-mail addresses, phone, card and IBAN numbers in a text, and count what was found.",
    tags: ["text", "privacy"],
    execution_mode: "sealed",
    price_per_invocation: 5,
    input_schema: TEXT_IN,
    output_schema: {
      type: "object",
      properties: {
        text: { type: "string" },
        found: { type: "object", additionalProperties: { type: "integer" } },
      },
      required: ["text", "found"],
    },
    execution_steps: [script(REDACT)],
  },
  {
    name: "triage-ticket",
    description: "Sort a support ticket into billing, access, bug or other, and say whether it is urgent.",
    tags: ["support", "classification"],
    execution_mode: "sealed",
    price_per_invocation: 4,
    input_schema: {
      type: "object",
      properties: { subject: { type: "string", maxLength: 300 }, body: { type: "string", maxLength: 10000 } },
      required: ["subject", "body"],
    },
    output_schema: {
      type: "object",
      properties: { category: { enum: ["billing", "access", "bug", "other"] }, urgent: { type: "boolean" } },
      required: ["category", "urgent"],
    },
    execution_steps: [
      {
        type: "llm",
        model: "openai/gpt-4o-mini",
        system_prompt:
          'Sort the ticket. Reply with compact JSON: {"category":"billing|access|bug|other","urgent":true|false}.',
        user_message: "$INPUT.subject\n\n$INPUT.body",
        max_tokens: 60,
        json: true,
      },
      script(TRIAGE),
    ],
  },
  {
    name: "extract-invoice-totals",
    description: "Read an invoice PDF text and return subtotal, tax, total.",
    tags: ["invoice", "extraction"],
    execution_mode: "sealed",
    price_per_invocation: 25,
    input_schema: TEXT_IN,
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
        system_prompt: "Extract subtotal, tax, total, currency from the invoice text. Reply with compact JSON.",
        user_message: "$INPUT.text",
        json: true,
      },
      script(INVOICE),
    ],
  },
];
