import fc from "fast-check";
import { expect, test } from "vitest";
import {
  countReferences,
  danglingReference,
  renderTemplate,
} from "../../../../src/domain/runs/prompt-template.ts";
import type { Json } from "../../../../src/shared/json.ts";

const values = { input: { text: "hello", n: 3, deep: { list: [1, 2] } }, prev: "answer" };

test.each([
  ["$INPUT.text", "hello"],
  ["<$INPUT.text>, $INPUT.n!", "<hello>, 3!"],
  ["$INPUT.deep", '{"list":[1,2]}'],
  ["$INPUT.deep.list", "[1,2]"],
  ["$PREV", "answer"],
  ["Read $INPUT.text.", "Read hello."],
  ["$INPUTS and $PREVIOUS", "$INPUTS and $PREVIOUS"],
])("fills the prompt %s to %s", (template, expected) => {
  expect(renderTemplate(template, values, 1_000)).toEqual({ text: expected });
});

test.each([
  ["$INPUT.items[0].x", "1"],
  ["$INPUT.items[1]", '{"x":"two"}'],
  ["$INPUT.items[0].x and $INPUT.items[1].x", "1 and two"],
  ["[$PREV[0]]", "[a]"],
  ["$INPUT.none", "null"],
])("follows the reference %s into lists", (template, text) => {
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
])("tells of a reference that leads nowhere: %s", (template) => {
  const values = { input: { text: "a", items: [{ x: 1 }] }, prev: '{"total":1}' };
  const [reference = ""] = /\$\S+/.exec(template) ?? [];
  expect(renderTemplate(template, values, 1_000)).toEqual({ problem: "leads_nowhere", reference });
  expect(danglingReference(template, values.input)).toBe(
    template.includes("$PREV") ? undefined : reference,
  );
});

test("looks up many references to a large input at once", () => {
  const input = { a: Array.from({ length: 50_000 }, (_, i) => ({ i })) };
  const started = performance.now();
  expect(
    danglingReference("$INPUT ".repeat(8_000) + "$INPUT.a[3] ".repeat(4_000), input),
  ).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(1_000);
});

test("searches nothing that was inserted for references", () => {
  expect(
    renderTemplate("$INPUT.text", { input: { text: "$PREV $&" }, prev: "secret" }, 100),
  ).toEqual({
    text: "$PREV $&",
  });
  expect(countReferences("a $PREV.x and $PREV", "PREV")).toBe(2);
  expect(countReferences("a $PREV.x", "INPUT")).toBe(0);
});

test("gives up a short prompt that repeats a long input without end", () => {
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

test("gives up many different references into one large value as early", () => {
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

test.each([
  ["$INPUT.a-b", "dash"],
  ["$INPUT.a_b", "line"],
  ["$INPUT.", '{"a-b":"dash","a_b":"line","list":["x"],"0":"zero"}.'],
  ["$INPUT.list[0]", "x"],
  ["$INPUT.list[0", '["x"][0'],
  ["$INPUT[0]", "zero"],
  ["$$INPUT.a_b", "$line"],
  ["$input", "$input"],
  ["", ""],
])("reads in the prompt %j the reference that is meant", (template, text) => {
  const input = { "a-b": "dash", a_b: "line", list: ["x"], "0": "zero" };
  const { text: found } = { text: "", ...renderTemplate(template, { input, prev: null }, 1_000) };
  expect(found).toBe(text.startsWith("{") ? `${JSON.stringify(input)}.` : text);
});

test.each(["$INPUT.list[00]", "$INPUT.list[-1]", "$INPUT.list[1234567]"])(
  "takes no other text for a number: %s",
  (template) => {
    const input = { list: ["x"] };
    const rendered = renderTemplate(template, { input, prev: null }, 1_000);
    expect(rendered).not.toMatchObject({ text: "x" });
  },
);

test("lets a prompt be as long as the most, and no longer", () => {
  const given = { input: "hello", prev: null };
  expect(renderTemplate("<$INPUT>", given, 7)).toEqual({ text: "<hello>" });
  expect(renderTemplate("<$INPUT>", given, 6)).toEqual({ problem: "too_long" });
  expect(renderTemplate("plain", given, 5)).toEqual({ text: "plain" });
  expect(renderTemplate("plain", given, 4)).toEqual({ problem: "too_long" });
});

test("lets a long reference to a short text stand where the result is short", () => {
  const given = { input: { "a-very-long-name": "x" }, prev: null };
  expect(renderTemplate("$INPUT.a-very-long-name", given, 1)).toEqual({ text: "x" });
});

test("inserts any value as it is: texts bare, and others as JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (prev, before) => {
      const plain = before.replaceAll("$", "");
      const shown = typeof prev === "string" ? prev : JSON.stringify(prev);
      const rendered = renderTemplate(`${plain} $PREV`, { input: null, prev: prev as Json }, 1e6);
      expect(rendered).toEqual({ text: `${plain} ${shown}` });
    }),
  );
});

test("counts as many references as a prompt is made of", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("$INPUT", "$PREV.a[0]", "$INPUT.b", "x")), (parts) => {
      const template = parts.join(" ");
      const starting = (root: string) => parts.filter((part) => part.startsWith(root)).length;
      expect(countReferences(template, "INPUT")).toBe(starting("$INPUT"));
      expect(countReferences(template, "PREV")).toBe(starting("$PREV"));
    }),
  );
});
