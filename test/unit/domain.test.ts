import { expect, test } from "vitest";
import { brokenLink, chainRow, GENESIS_HASH } from "../../src/domain/audit.ts";
import { countReferences, renderTemplate } from "../../src/domain/references.ts";
import { satisfies, trustLevelOf } from "../../src/domain/trust.ts";
import { standIn } from "../../src/llm/stand-in.ts";
import type { Json } from "../../src/shared/json.ts";

const values = { input: { text: "hello", n: 3, deep: { list: [1, 2] } }, prev: "answer" };

test.each([
  ["$INPUT.text", "hello"],
  ["<$INPUT.text>, $INPUT.n!", "<hello>, 3!"],
  ["$INPUT.deep", '{"list":[1,2]}'],
  ["$INPUT.deep.list", "[1,2]"],
  ["$PREV", "answer"],
  ["Read $INPUT.text.", "Read hello."],
  ["$INPUT.missing", ""],
  ["$INPUT.toString", ""],
  ["$INPUT.__proto__.polluted", ""],
  ["$INPUTS and $PREVIOUS", "$INPUTS and $PREVIOUS"],
])("the prompt %s becomes %s", (template, expected) => {
  expect(renderTemplate(template, values, 1_000)).toBe(expected);
});

test("what is inserted is not searched for references", () => {
  expect(renderTemplate("$INPUT.text", { input: { text: "$PREV $&" }, prev: "secret" }, 100)).toBe("$PREV $&");
  expect(countReferences("a $PREV.x and $PREV", "PREV")).toBe(2);
  expect(countReferences("a $PREV.x", "INPUT")).toBe(0);
});

test("a short prompt cannot repeat a long input without end", () => {
  const template = "$INPUT.t ".repeat(5_000);
  expect(renderTemplate(template, { input: { t: "x".repeat(1_000_000) }, prev: null }, 1_000_000)).toBeUndefined();
  expect(renderTemplate(template, { input: { t: "x" }, prev: null }, 1_000_000)).toHaveLength(10_000);
});

test("many different references into one large value are given up as early", () => {
  let input: Json = "x".repeat(900_000);
  for (let i = 0; i < 90; i++) input = { a: input };
  const template = Array.from({ length: 90 }, (_, depth) => `$INPUT${".a".repeat(depth)}`).join(" ");
  const started = performance.now();
  expect(renderTemplate(template, { input, prev: null }, 1_000_000)).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(1_000);
});

test("trust levels come from claim types alone", () => {
  expect(trustLevelOf([])).toBe("L0");
  expect(trustLevelOf(["verified_human"])).toBe("L1");
  expect(trustLevelOf(["verified_human", "verified_identity"])).toBe("L2");
  expect(trustLevelOf(["constructor", "L2"])).toBe("L0");
  expect(satisfies("L2", "L1")).toBe(true);
  expect(satisfies("L0", "L1")).toBe(false);
});

test("a chain breaks where a row is altered, moved or missing", () => {
  const event = { operatorId: "op_a", action: "agent.delete", outcome: "success" } as const;
  const timestamp = "2026-01-01T00:00:00.000Z";
  const first = chainRow(event, { entryId: "aud_1", seq: 1, timestamp, prevHash: GENESIS_HASH });
  const second = chainRow(event, { entryId: "aud_2", seq: 2, timestamp, prevHash: first.hash });
  expect(brokenLink(first, { seq: 1, prevHash: GENESIS_HASH })).toBeUndefined();
  expect(brokenLink(second, { seq: 2, prevHash: first.hash })).toBeUndefined();
  expect(brokenLink(second, { seq: 1, prevHash: GENESIS_HASH })).toMatch(/missing/);
  expect(
    brokenLink(
      { ...second, body: second.body.replace('"agent.delete"', '"agent.update"') },
      { seq: 2, prevHash: first.hash },
    ),
  ).toMatch(/altered/);
  expect(brokenLink(second, { seq: 2, prevHash: GENESIS_HASH })).toMatch(/does not follow/);
  expect(brokenLink({ ...first, operatorId: "op_b" }, { seq: 1, prevHash: GENESIS_HASH })).toMatch(/moved/);
});

test.each([
  ["Invoice #123\nSubtotal: $420\nTax: $35\nTotal: $455 USD", { subtotal: 420, tax: 35, total: 455, currency: "USD" }],
  ["Net amount: EUR 1,234.50", { net_amount: 1234.5, currency: "EUR" }],
  ["Name: Ada Lovelace\nAge: 36", { name: "Ada Lovelace", age: 36 }],
  ["no fields here", {}],
])("the stand-in reads fields out of %j", async (userMessage, expected) => {
  const call = {
    model: "m",
    systemPrompt: undefined,
    userMessage,
    temperature: undefined,
    maxTokens: 10,
    timeoutMs: 1,
  };
  const answer = await standIn.complete({ ...call, signal: new AbortController().signal });
  expect(JSON.parse(answer.text)).toEqual(expected);
  expect(answer.standIn).toBe(true);
});

test("the stand-in reads a hostile message in no time", async () => {
  const call = { model: "m", systemPrompt: undefined, temperature: undefined, maxTokens: 10, timeoutMs: 1 };
  for (const userMessage of [`a: ${" ".repeat(900_000)}x`, `a:${"1,".repeat(400_000)}`, ":".repeat(900_000)]) {
    const started = performance.now();
    await standIn.complete({ ...call, userMessage, signal: new AbortController().signal });
    expect(performance.now() - started).toBeLessThan(2_000);
  }
});
