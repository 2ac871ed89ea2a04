import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LlmCall } from "../../../src/llm/llm-call.ts";
import { amountsIn } from "../../../src/llm/stand-in/amounts.ts";
import { plainText } from "../../../src/llm/stand-in/plain-text.ts";
import { standIn } from "../../../src/llm/stand-in/stand-in.ts";
import { readStatement, type Statement } from "../../../src/llm/stand-in/statement.ts";
import type { Json } from "../../../src/shared/json.ts";

interface Sample {
  readonly id: string;
  readonly language: string;
  readonly text: string;
  readonly expect: Statement;
}

/**
 * Invoices, receipts and credit notes as people paste them, with what a careful reader takes from
 * each.
 */
const SAMPLES = JSON.parse(
  readFileSync(new URL("../../fixtures/invoices.json", import.meta.url), "utf8"),
) as readonly Sample[];
const FIGURES = ["subtotal", "tax", "total"] as const;

describe("invoices of many countries", () => {
  const read = SAMPLES.map((sample) => ({ sample, got: readStatement(sample.text) }));

  test("reads no figure wrongly", () => {
    const wrong = read.flatMap(({ sample, got }) =>
      FIGURES.filter((figure) => got[figure] !== null && got[figure] !== sample.expect[figure]).map(
        (figure) => `${sample.id} ${figure}: ${got[figure]}`,
      ),
    );
    expect(wrong).toEqual([]);
  });

  test("finds nineteen totals of twenty with their currency, and some figure of each", () => {
    const stated = read.filter(({ sample }) => sample.expect.total !== null);
    const right = stated.filter(
      ({ sample, got }) =>
        got.total === sample.expect.total && got.currency === sample.expect.currency,
    );
    expect(right.length / stated.length).toBeGreaterThanOrEqual(0.95);
    const blank = stated.filter(({ got }) => FIGURES.every((figure) => got[figure] === null));
    expect(blank.map(({ sample }) => sample.id)).toEqual([]);
    expect(new Set(SAMPLES.map(({ language }) => language)).size).toBeGreaterThan(15);
  });
});

test.each([
  ["1.234,56 €", 1234.56],
  ["1,234.56 USD", 1234.56],
  ["1 234,56 zł", 1234.56],
  ["1\u202f234,56 €", 1234.56],
  ["CHF 1'234.56", 1234.56],
  ["￥１２,３４５", 12345],
  ["₹1,23,456.00", 123456],
  ["12 480:-", 12480],
  ["119,- EUR", 119],
  ["-84,03 EUR", -84.03],
  ["−£75.00", -75],
  ["84,03- EUR", -84.03],
  ["12.500 KWD", 12.5],
  ["12.500 EUR", 12500],
])("reads %j as one amount", (text, value) => {
  expect(amountsIn(plainText(text)).map((amount) => amount.value)).toEqual([value]);
});

test.each([
  "19 %",
  "12.05.2026",
  "2026-05-12",
  "10:30",
  "Nr. 4711",
  "#221",
  "3 pcs",
  "DE89370400440532013000",
])("reads %j as no amount", (text) => {
  expect(amountsIn(plainText(text))).toEqual([]);
});

test("reads amounts of any size in four notations", () => {
  const cents = fc.integer({ min: 1_00, max: 99_999_999_99 });
  const styles: readonly (readonly [string, string])[] = [
    [".", ","],
    [",", "."],
    [" ", ","],
    ["'", "."],
  ];
  fc.assert(
    fc.property(cents, fc.constantFrom(...styles), (amount, [group, point]) => {
      const whole = String(Math.floor(amount / 100)).replace(/\B(?=(\d{3})+$)/g, group);
      const line = `Total: ${whole}${point}${String(amount % 100).padStart(2, "0")} EUR`;
      expect(readStatement(line)).toMatchObject({ total: amount / 100, currency: "EUR" });
    }),
  );
});

async function answer(userMessage: string, schema?: Json, isLast = true): Promise<Json> {
  const call: LlmCall = {
    model: "m",
    systemPrompt: undefined,
    userMessage,
    temperature: undefined,
    maxTokens: 10,
    timeoutMs: 1,
    signal: new AbortController().signal,
    ...(schema === undefined ? {} : { wanted: { schema, isLast } }),
  };
  const { text, standIn: isLabelled } = await standIn.complete(call);
  expect(isLabelled).toBe(true);
  return text.startsWith("{") ? (JSON.parse(text) as Json) : text;
}

test.each([
  [
    "Invoice #123\nSubtotal: $420\nTax: $35\nTotal: $455 USD",
    { subtotal: 420, tax: 35, total: 455, currency: "USD" },
  ],
  ["Net amount: EUR 1,234.50", { net_amount: 1234.5, subtotal: 1234.5, currency: "EUR" }],
  ["Name: Ada Lovelace\nAge: 36", { name: "Ada Lovelace", age: 36 }],
  ["no fields here", {}],
])("reads all that has a name when no shape is wanted out of %j", async (text, expected) => {
  expect(await answer(text)).toEqual(expected);
});

const nullable = (...types: string[]) => ({ type: [...types, "null"] });

test("reads a contact in the shape that is wanted, with null for what is not there", async () => {
  const properties = {
    fullName: nullable("string"),
    email: nullable("string"),
    phone: nullable("string"),
    company: nullable("string"),
    age: nullable("integer"),
    newsletter: nullable("boolean"),
    address: { type: "object", properties: { iban: nullable("string") } },
  };
  const text =
    "Name: Ada Lovelace\nFirma: Engines Ltd\nTel.: +44 20 7946 0123\nada@engines.example\nNewsletter: ja";
  expect(await answer(text, { type: "object", properties })).toEqual({
    fullName: "Ada Lovelace",
    email: "ada@engines.example",
    phone: "+44 20 7946 0123",
    company: "Engines Ltd",
    age: null,
    newsletter: true,
    address: { iban: null },
  });
});

test("takes the choice that the text names, and none where it names two or none", async () => {
  const schema = { type: "object", properties: { mood: { enum: ["happy", "sad", null] } } };
  expect(await answer("I am happy today", schema)).toEqual({ mood: "happy" });
  expect(await answer("happy or sad?", schema)).toEqual({ mood: null });
  expect(await answer("unhappy", schema)).toEqual({ mood: null });
});

test("leaves out what takes no null, writes cents as cents and clear dates as ISO", async () => {
  const properties = {
    total_cents: { type: "integer" },
    tax: { type: "number" },
    date: { type: "string", format: "date" },
    due_date: { type: "string", format: "date" },
  };
  const text = "Date: 12.05.2026\nDue date: 06/05/2026\nTotal: EUR 1,234.50";
  expect(await answer(text, { type: "object", properties })).toEqual({
    total_cents: 123450,
    date: "2026-05-12",
  });
});

test("says that it writes no text when a text is wanted", async () => {
  expect(await answer("Summarise this.", { type: "string" })).toContain("No model answered");
});

test("gives the next script the names of the text and of the output", async () => {
  const schema = { type: "object", properties: { grand_total: { type: "number" } } };
  const text = "Invoice No: A-17\nTotal: $12.00";
  expect(await answer(text, schema, false)).toEqual({
    invoice_no: "A-17",
    total: 12,
    grand_total: 12,
    currency: "USD",
  });
});

test("reads a long hostile text in no time", async () => {
  const texts = [
    `total${" ".repeat(900_000)}`,
    "1,234".repeat(20_000),
    "total tax ".repeat(10_000),
    "total\n".repeat(10_000) + "1.00\n".repeat(10_000),
    "-".repeat(900_000),
    `| net | tax | total |\n${"| 1,00 | 2,00 | 3,00 |\n".repeat(9_000)}`,
    "a@b.".repeat(25_000),
    `a: ${" ".repeat(900_000)}x`,
    `a:${"1,".repeat(400_000)}`,
    ":".repeat(900_000),
  ];
  for (const text of texts) {
    const started = performance.now();
    await answer(text, { type: "object", properties: { email: nullable("string") } }, false);
    expect(performance.now() - started).toBeLessThan(2_000);
  }
});
