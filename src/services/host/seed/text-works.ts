import { type SeedSkill, script, TEXT_IN } from "./seed-skill.ts";

const COUNT_WORDS = `const { text } = $INPUT;
const words = [...new Intl.Segmenter("und", { granularity: "word" }).segment(text)].filter((part) => part.isWordLike);
const sentences = text.split(/[.!?…]+(?:\\s|$)|[。！？]/u).filter((part) => part.trim() !== "");
return {
  words: words.length,
  characters: [...text].length,
  sentences: sentences.length,
  reading_seconds: Math.ceil(words.length / 4),
};`;

const SLUGIFY = `const plain = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" };
const slug = $INPUT.text
  .normalize("NFKC")
  .toLowerCase()
  .replace(/[ßæœøłđðþı]/g, (letter) => plain[letter])
  .normalize("NFD")
  .replace(/(\\p{Script=Latin})\\p{M}+/gu, "$1")
  .normalize("NFC")
  .replace(/['’]/g, "")
  .replace(/[^\\p{L}\\p{M}\\p{N}]+/gu, "-")
  .replace(/^-+|-+$/g, "");
return { slug };`;

const REDACT = `const found = { emails: 0, phones: 0, cards: 0, ibans: 0 };
const taken = (kind, isOne) => (match) => {
  if (!isOne(match)) return match;
  found[kind]++;
  return "[" + kind.slice(0, -1) + "]";
};
const digitsOf = (text) => text.replace(/\\D/g, "");
// Check digits tell a card and an IBAN from any other number.
const isCard = (text) => {
  const digits = [...digitsOf(text)].reverse().map(Number);
  const sum = digits.reduce((all, digit, i) => all + (i % 2 ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit), 0);
  return digits.length >= 13 && digits.length <= 19 && sum % 10 === 0;
};
const isIban = (text) => {
  const iban = text.replace(/ /g, "");
  const digits = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/g, (letter) => letter.charCodeAt(0) - 55);
  return [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
};
const isDate = (text) => /^\\d{1,2}([-/. ])\\d{1,2}\\1\\d{2,4}$|^\\d{4}([-/. ])\\d{1,2}\\2\\d{1,2}$/.test(text.trim());
const isPhone = (text) => !isDate(text) && digitsOf(text).length >= 8 && digitsOf(text).length <= 15;
const text = $INPUT.text
  .replace(/[\\p{L}\\p{N}.+_-]+@[\\p{L}\\p{N}-]+(?:\\.[\\p{L}\\p{N}-]+)+/gu, taken("emails", () => true))
  .replace(/\\b[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\\b/g, taken("ibans", isIban))
  .replace(/\\b\\d(?:[ -]?\\d){12,18}\\b/g, taken("cards", isCard))
  .replace(/(?<![\\p{L}\\p{N}./-])(?:\\+|\\(?0|\\(\\d{3}\\) )[\\d ()/.-]{6,20}\\d(?![\\p{L}\\p{N}])/gu, taken("phones", isPhone))
  .replace(/(?<![\\d.-])\\d{3}[-. ]\\d{3}[-. ]\\d{4}(?![\\d-])/g, taken("phones", isPhone));
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

const INVOICE = `const read = $PREV ?? {};
const amount = (value) => (typeof value === "number" && Number.isFinite(value) ? value : null);
const currency = typeof read.currency === "string" && /^[A-Z]{3}$/.test(read.currency) ? read.currency : null;
return { subtotal: amount(read.subtotal), tax: amount(read.tax), total: amount(read.total), currency };`;

const MAYBE_AMOUNT = { type: ["number", "null"] } as const;

/** Words in, facts out. */
export const TEXT_WORKS: readonly SeedSkill[] = [
  {
    name: "count-words",
    description:
      "Count words, characters and sentences of a text, and say how long it takes to read.",
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
    example_input: { text: "One two. Three?" },
    example_output: { words: 3, characters: 15, sentences: 2, reading_seconds: 1 },
    execution_steps: [script(COUNT_WORDS)],
  },
  {
    name: "slugify",
    description:
      "Turn a title into a slug for an address: lower case, without accents, hyphens between words.",
    tags: ["text", "web"],
    execution_mode: "source",
    price_per_invocation: 0,
    input_schema: TEXT_IN,
    output_schema: { type: "object", properties: { slug: { type: "string" } }, required: ["slug"] },
    example_input: { text: "Crème brûlée, à la carte!" },
    example_output: { slug: "creme-brulee-a-la-carte" },
    execution_steps: [script(SLUGIFY)],
  },
  {
    name: "redact-personal-data",
    description:
      "Replace e-mail addresses, phone, card and IBAN numbers in a text, and count what was found.",
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
    example_input: { text: "Write to ann@example.com or call +46 70 123 45 67." },
    example_output: {
      text: "Write to [email] or call [phone].",
      found: { emails: 1, phones: 1, cards: 0, ibans: 0 },
    },
    execution_steps: [script(REDACT)],
  },
  {
    name: "triage-ticket",
    description:
      "Sort a support ticket into billing, access, bug or other, and say whether it is urgent.",
    tags: ["support", "classification"],
    execution_mode: "sealed",
    price_per_invocation: 4,
    input_schema: {
      type: "object",
      properties: {
        subject: { type: "string", maxLength: 300 },
        body: { type: "string", maxLength: 10000 },
      },
      required: ["subject", "body"],
    },
    output_schema: {
      type: "object",
      properties: {
        category: { enum: ["billing", "access", "bug", "other"] },
        urgent: { type: "boolean" },
      },
      required: ["category", "urgent"],
    },
    example_input: {
      subject: "Charged twice",
      body: "I was charged twice this month. Please refund one, it is urgent.",
    },
    example_output: { category: "billing", urgent: true },
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
    description:
      "Read the text of an invoice or a receipt and return subtotal, tax, total and currency; null for what it does not state.",
    tags: ["invoice", "receipt", "extraction"],
    execution_mode: "sealed",
    price_per_invocation: 25,
    input_schema: TEXT_IN,
    output_schema: {
      type: "object",
      properties: {
        subtotal: { ...MAYBE_AMOUNT, description: "Before tax" },
        tax: MAYBE_AMOUNT,
        total: { ...MAYBE_AMOUNT, description: "With tax" },
        currency: { type: ["string", "null"], description: "ISO 4217" },
      },
      required: ["subtotal", "tax", "total", "currency"],
    },
    example_input: { text: "Invoice 1093\nSubtotal: 86.40 EUR\nTax: 16.42 EUR\nTotal: 102.82 EUR" },
    example_output: { subtotal: 86.4, tax: 16.42, total: 102.82, currency: "EUR" },
    execution_steps: [
      {
        type: "llm",
        model: "openai/gpt-4o-mini",
        system_prompt:
          'Read the invoice. Reply with compact JSON: {"subtotal":number,"tax":number,"total":number,"currency":"ISO 4217 code"}; null for what it does not state. Guess nothing.',
        max_tokens: 120,
        user_message: "$INPUT.text",
        json: true,
      },
      script(INVOICE),
    ],
  },
];
