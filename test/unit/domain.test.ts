import { expect, test } from "vitest";
import { brokenLink, chainRow, GENESIS_HASH } from "../../src/domain/audit/audit.ts";
import { satisfies, trustLevelOf } from "../../src/domain/identity/trust.ts";
import { jsonInAnswer } from "../../src/domain/runs/answer-json.ts";
import {
  countReferences,
  danglingReference,
  renderTemplate,
} from "../../src/domain/runs/prompt-template.ts";
import type { Json } from "../../src/shared/json.ts";

const values = { input: { text: "hello", n: 3, deep: { list: [1, 2] } }, prev: "answer" };

test.each([
  ["$INPUT.text", "hello"],
  ["<$INPUT.text>, $INPUT.n!", "<hello>, 3!"],
  ["$INPUT.deep", '{"list":[1,2]}'],
  ["$INPUT.deep.list", "[1,2]"],
  ["$PREV", "answer"],
  ["Read $INPUT.text.", "Read hello."],
  ["$INPUTS and $PREVIOUS", "$INPUTS and $PREVIOUS"],
])("the prompt %s becomes %s", (template, expected) => {
  expect(renderTemplate(template, values, 1_000)).toEqual({ text: expected });
});

test.each([
  ["$INPUT.items[0].x", "1"],
  ["$INPUT.items[1]", '{"x":"two"}'],
  ["$INPUT.items[0].x and $INPUT.items[1].x", "1 and two"],
  ["[$PREV[0]]", "[a]"],
  ["$INPUT.none", "null"],
])("the reference %s reaches into lists", (template, text) => {
  const input = { items: [{ x: 1 }, { x: "two" }], none: null };
  expect(renderTemplate(template, { input, prev: ["a"] }, 1_000)).toEqual({ text });
});

test.each([
  "$INPUT.missing",
  "$INPUT.toString",
  "$INPUT.__proto__.polluted",
  "$INPUT.items[2]",
  "$INPUT.items.length",
  "$INPUT.items[0].x.y",
  "Read $INPUT.text.then",
  "$PREV.total",
])("a reference that leads nowhere is told: %s", (template) => {
  const values = { input: { text: "a", items: [{ x: 1 }] }, prev: '{"total":1}' };
  const [reference = ""] = /\$\S+/.exec(template) ?? [];
  expect(renderTemplate(template, values, 1_000)).toEqual({ problem: "leads_nowhere", reference });
  expect(danglingReference(template, values.input)).toBe(
    template.includes("$PREV") ? undefined : reference,
  );
});

test.each<[string, Json | undefined]>([
  ['{"total":455}', { total: 455 }],
  ['\ufeff {"total":455}\n', { total: 455 }],
  ['```json\n{"total":455}\n```', { total: 455 }],
  ["Here you are:\n```\n[1, 2]\n```\nAnything else?", [1, 2]],
  [
    'The totals are {"total":455, "note":"a } in text"} as asked.',
    { total: 455, note: "a } in text" },
  ],
  ["A set {a, b} and then [1] and [2]", [1]],
  ["455", 455],
  ["no JSON at all", undefined],
  ["", undefined],
  ['{"total":', undefined],
])("the JSON in the answer %j is found", (answer, value) => {
  expect(jsonInAnswer(answer)).toEqual(value);
});

test("many references to a large input are looked up at once", () => {
  const input = { a: Array.from({ length: 50_000 }, (_, i) => ({ i })) };
  const started = performance.now();
  expect(
    danglingReference("$INPUT ".repeat(8_000) + "$INPUT.a[3] ".repeat(4_000), input),
  ).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(1_000);
});

test("an answer made to be slow to read is read at once", () => {
  const started = performance.now();
  for (const text of [
    "{".repeat(200_000),
    "[".repeat(200_000),
    '{"'.repeat(100_000),
    "```\n".repeat(50_000),
  ])
    jsonInAnswer(text);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test("what is inserted is not searched for references", () => {
  expect(
    renderTemplate("$INPUT.text", { input: { text: "$PREV $&" }, prev: "secret" }, 100),
  ).toEqual({
    text: "$PREV $&",
  });
  expect(countReferences("a $PREV.x and $PREV", "PREV")).toBe(2);
  expect(countReferences("a $PREV.x", "INPUT")).toBe(0);
});

test("a short prompt cannot repeat a long input without end", () => {
  const template = "$INPUT.t ".repeat(5_000);
  expect(
    renderTemplate(template, { input: { t: "x".repeat(1_000_000) }, prev: null }, 1_000_000),
  ).toEqual({
    problem: "too_long",
  });
  expect(renderTemplate(template, { input: { t: "x" }, prev: null }, 1_000_000)).toMatchObject({
    text: "x ".repeat(5_000),
  });
});

test("many different references into one large value are given up as early", () => {
  let input: Json = "x".repeat(900_000);
  for (let i = 0; i < 90; i++) input = { a: input };
  const template = Array.from({ length: 90 }, (_, depth) => `$INPUT${".a".repeat(depth)}`).join(
    " ",
  );
  const started = performance.now();
  expect(renderTemplate(template, { input, prev: null }, 1_000_000)).toEqual({
    problem: "too_long",
  });
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
  expect(brokenLink({ ...first, operatorId: "op_b" }, { seq: 1, prevHash: GENESIS_HASH })).toMatch(
    /moved/,
  );
});
