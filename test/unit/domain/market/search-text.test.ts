import fc from "fast-check";
import { expect, test } from "vitest";
import {
  folded,
  isUnspaced,
  searchText,
  searchWord,
} from "../../../../src/domain/market/search-text.ts";

const tokens = (text: string) => text.split(/\s+/).filter(Boolean);
const holds = (text: string, word: string) =>
  ` ${tokens(searchText(text)).join(" ")} `.includes(` ${searchWord(word)} `);

test.each([
  ["INVOICE", "invoice"],
  ["Ｉｎｖｏｉｃｅ １２", "invoice 12"],
  ["ﬁle", "file"],
  ["ещё Ё", "еще е"],
  ["Straße STRASSE", "strasse strasse"],
  ["Đặng", "dặng"],
  ["Øre ŁÓDŹ", "ore lódź"],
  ["Æon Œuvre", "aeon oeuvre"],
  ["ﾃｷｽﾄ", "テキスト"],
  ["e\u0301", "é"],
  ["", ""],
])("folds %j to %j", (text, form) => {
  expect(folded(text)).toBe(form);
});

test("folds what is folded no further", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const letters = text.normalize("NFC").replace(/\p{M}/gu, "");
      expect(folded(folded(letters))).toBe(folded(letters));
    }),
  );
});

test("folds letters and their parts, put together or apart, to one form", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(folded(text.normalize("NFD"))).toBe(folded(text.normalize("NFC")));
    }),
  );
});

test.each([
  ["read an invoice", ["read", "an", "invoice"]],
  ["金", ["金"]],
  ["金额合", ["金额", "额合", "合"]],
  ["pdf请求书x", ["pdf", "请求", "求书", "书", "x"]],
  ["データ", ["デー", "ータ", "タ"]],
  ["人々 行", ["人々", "々", "行"]],
  ["청구서", ["청구", "구서", "서"]],
  ["ยอด", ["ยอ", "อด", "ด"]],
  ["𠮷野", ["𠮷野", "野"]],
])("keeps %j as the words %j", (text, expected) => {
  expect(tokens(searchText(text))).toEqual(expected);
});

test.each([
  ["Invoice", "invoice"],
  ["金", "金"],
  ["𠮷", "𠮷"],
  ["金额", "金额"],
  ["金额合计", "金额 额合 合计"],
  ["pdf金额", "pdf 金额"],
])("looks for %s as %j", (word, expected) => {
  expect(tokens(searchWord(word)).join(" ")).toBe(expected);
  expect(searchWord(word)).toBe(searchWord(word).trim());
});

const run = fc.string({ unit: fc.constantFrom("金", "额", "合"), minLength: 1, maxLength: 8 });

test("finds two letters or more exactly in the texts in which they stand together", () => {
  const word = fc.string({ unit: fc.constantFrom("金", "额", "合"), minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 3 }), word, (runs, looked) => {
      const found = holds(runs.join(" a "), looked);
      expect(found).toBe(runs.some((one) => one.includes(looked)));
    }),
  );
});

test("lets some word of a text begin with each letter in it", () => {
  fc.assert(
    fc.property(run, (text) => {
      for (const letter of text)
        expect(tokens(searchText(text)).some((token) => token.startsWith(letter))).toBe(true);
    }),
  );
});

test("leaves spaced text as it is but for its letters", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(searchText(text)).toBe(folded(text));
      expect(searchWord(text)).toBe(folded(text).trim());
    }),
  );
});

test.each([
  ["金额", true],
  ["データ", true],
  ["ー", true],
  ["々", true],
  ["금액", true],
  ["ยอด", true],
  ["ລາວ", true],
  ["ខ្មែរ", true],
  ["မြန်", true],
  ["invoice金", true],
  ["invoice", false],
  ["счёт", false],
  ["राशि", false],
  ["فاتورة", false],
  ["", false],
])("takes %j for a script without spaces: %s, each time it is asked", (word, unspaced) => {
  expect(isUnspaced(word)).toBe(unspaced);
  expect(isUnspaced(word)).toBe(unspaced);
});
