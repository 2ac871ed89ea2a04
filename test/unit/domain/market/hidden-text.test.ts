import fc from "fast-check";
import { expect, test } from "vitest";
import {
  hiddenCharacter,
  hiddenJsonProblem,
  hiddenTextProblem,
} from "../../../../src/domain/market/hidden-text.ts";

test.each([
  ["a NUL", "ab\0c", "U+0000", 2],
  ["an escape", "red \u001b[31mtext", "U+001B", 4],
  ["a C1 control", "a\u009b31m", "U+009B", 1],
  ["a delete", "a\u007f", "U+007F", 1],
  ["a turn to the left", "user\u202etxt", "U+202E", 4],
  ["an isolate", "\u2066x\u2069", "U+2066", 0],
  ["a mark of direction", "a\u200fb", "U+200F", 1],
  [
    "tag characters",
    `Good skill${"hidden".replace(/./g, (c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0)))}`,
    "U+E0068",
    10,
  ],
  ["tag characters behind a flag", `🏴${"\u{E0069}\u{E0067}\u{E006E}".repeat(3)}`, "U+E0069", 1],
  ["a space without width", "pay\u200bpal", "U+200B", 3],
  ["a byte order mark", "\ufeffname", "U+FEFF", 0],
  ["a joiner between Latin letters", "pay\u200dpal", "U+200D", 3],
  ["a joiner that joins nothing", "\u200d", "U+200D", 0],
  ["joiners in a row between joined letters", "می\u200c\u200cخ", "U+200C", 2],
  ["variation selectors in a row", "a\ufe00\ufe01\ufe02", "U+FE00", 1],
  ["selectors behind an emoji's own", "❤\ufe0f\ufe0f", "U+FE0F", 2],
  ["selectors behind a Han character's own", "葛\u{E0100}\u{E0101}", "U+E0101", 2],
  ["a soft hyphen", "in\u00advoice", "U+00AD", 2],
  ["a filler letter", "a\u3164b", "U+3164", 1],
  ["an annotation", "a\ufff9b", "U+FFF9", 1],
  ["half a character", "a\ud83d", "U+D83D", 1],
])("finds %s, with its place", (_, text, code, at) => {
  expect(hiddenCharacter(text)).toEqual({ code, at });
});

test.each([
  "Read an invoice, in two lines.\n\tAnd a tab.\r\n",
  "family 👨‍👩‍👧‍👦, flag 🇩🇪, England 🏴󠁧󠁢󠁥󠁮󠁧󠁿, heart ❤️, plain ❤︎, keycap 1️⃣, skin 👍🏽",
  "שלום עולם, مرحبا بالعالم",
  "می‌خواهم",
  "क्‍ष श्री",
  "සිංහල ක්‍රම",
  "葛󠄀城市",
  "Größe, ё, 金额, テキスト, ยอดรวม, Việt Nam, naïve",
  "e\u0301 combines",
  "",
])("finds nothing hidden in %j", (text) => {
  expect(hiddenCharacter(text)).toBeUndefined();
});

test("looks at every text and every name in a schema", () => {
  const schema = (more: object) => ({
    type: "object",
    properties: { a: { type: "string", ...more } },
  });
  expect(hiddenJsonProblem(schema({ description: "fine" }))).toBeUndefined();
  expect(hiddenJsonProblem(schema({ description: "x\u202e" }))).toContain(
    "properties.a.description",
  );
  expect(hiddenJsonProblem(schema({ enum: ["ok", "x\u200b"] }))).toContain("properties.a.enum.1");
  expect(hiddenJsonProblem(schema({ examples: [{ "b\u0000": 1 }] }))).toContain(
    "a name at properties.a.examples.0",
  );
  expect(hiddenJsonProblem(true)).toBeUndefined();
});

test("says what is hidden, where, and what to do", () => {
  expect(hiddenTextProblem("user\u202etxt")).toBe(
    "has a hidden character, U+202E, after 4 characters. Leave it out",
  );
  expect(hiddenTextProblem("user")).toBeUndefined();
});

test("says of a text alone nothing about a path, and of a name where it stands", () => {
  const problem = "has a hidden character, U+200B, after 1 characters. Leave it out";
  expect(hiddenJsonProblem("a\u200b")).toBe(problem);
  expect(hiddenJsonProblem({ a: ["", "a\u200b"] })).toBe(`${problem} (in a.1)`);
  expect(hiddenJsonProblem({ "a\u200b": 1 })).toBe(`${problem} (in a name at the top)`);
  expect(hiddenJsonProblem({ a: { "a\u200b": 1 } })).toBe(`${problem} (in a name at a)`);
});

test.each([[null], [undefined], [7], [""], [[]], [{}], [[null, { a: null, b: [true] }]]])(
  "finds nothing hidden in the value %j",
  (value) => {
    expect(hiddenJsonProblem(value)).toBeUndefined();
  },
);

test("finds a hidden character wherever it is put into plain text", () => {
  const plain = fc.string({ unit: fc.constantFrom("a", " ", "é", "金", "😀", "\n") });
  const hidden = fc.constantFrom("\u0000", "\u202e", "\u200b", "\ufeff", "\u00ad");
  fc.assert(
    fc.property(plain, hidden, plain, (before, character, behind) => {
      expect(hiddenCharacter(before + behind)).toBeUndefined();
      expect(hiddenCharacter(before + character + behind)).toEqual({
        at: [...before].length,
        code: `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
      });
    }),
  );
});
