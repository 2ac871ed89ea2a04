import fc from "fast-check";
import { expect, test } from "vitest";
import { folded, isUnspaced } from "../../../../src/domain/market/search-text.ts";
import { knownWordsIn, othersFor } from "../../../../src/domain/market/synonyms.ts";

test.each([
  ["invoice", "rechnung"],
  ["invoice", "請求書"],
  ["rechnung", "invoice"],
  ["请求", undefined],
  ["発票", undefined],
  ["发票", "invoice"],
  ["счёт", "invoice"],
  ["Größe", undefined],
  ["übersetzung", "translation"],
  ["ticket de caisse", "receipt"],
  ["zzz", undefined],
  ["", undefined],
])("knows for %s the other word %s", (word, other) => {
  if (other === undefined) expect(othersFor(word)).toEqual([]);
  else expect(othersFor(word)).toContain(other);
});

test.each([
  ["Invoice", "invoice"],
  ["ＩＮＶＯＩＣＥ", "invoice"],
  ["ÜBERSETZEN", "übersetzen"],
])("knows for %s the same as for %s", (word, plain) => {
  expect(othersFor(word)).toEqual(othersFor(plain));
});

test("knows an English word in each of its forms", () => {
  for (const form of ["invoices", "invoiced", "invoicing"])
    expect(othersFor(form)).toEqual(expect.arrayContaining(["rechnung", "facture"]));
});

test("finds for a compound what its parts are called", () => {
  expect(othersFor("rechnungsbetrag")).toEqual(expect.arrayContaining(["invoice", "amount"]));
  expect(othersFor("kundendaten")).toEqual([]);
});

test("looks inside a compound for words of six letters or more", () => {
  expect(othersFor("warenbetrag")).toContain("amount");
  expect(othersFor("warensumme")).toEqual([]);
});

test("takes nothing apart that has others as a whole", () => {
  expect(othersFor("personenbezogen")).toContain("privacy");
  expect(othersFor("personenbezogen")).not.toContain("human");
  expect(othersFor("umsatzsteuer")).toEqual(expect.arrayContaining(["vat", "tax"]));
  expect(othersFor("telefonnummer")).toHaveLength(othersFor("telefon").length);
});

test("gives forty others at the most", () => {
  expect(othersFor("importe")).not.toEqual([]);
  for (const word of ["rechnungsbetrag", "parse", "find", "request", "code"])
    expect(othersFor(word).length).toBeLessThanOrEqual(40);
  expect(othersFor("rechnungsbetrag")).toHaveLength(40);
});

const WORDS = [
  ...["invoice", "total", "tax", "csv", "extract", "slug", "translate", "redact", "phone"],
  ...["ticket", "triage", "summarise", "image", "weather", "contract", "compare", "text"],
];

test("names of each thing only other words, each once, as they are looked up", () => {
  const word = fc.constantFrom(...WORDS.flatMap((known) => [known, ...othersFor(known)]));
  fc.assert(
    fc.property(word, (asked) => {
      const others = othersFor(asked);
      expect(others).not.toContain(folded(asked));
      expect(new Set(others).size).toBe(others.length);
      expect(others.map(folded)).toEqual(others);
      expect(others).not.toEqual([]);
    }),
  );
});

test("leads back from each other word to the one that was asked for", () => {
  // Of a longer list the end is cut off.
  for (const asked of WORDS.filter((word) => othersFor(word).length < 40))
    for (const other of othersFor(asked).filter((word) => othersFor(word).length < 40))
      expect([other, othersFor(other)]).toEqual([other, expect.arrayContaining([asked])]);
});

test.each([
  ["請求書の合計を読み取る", ["読み取る", "請求書", "合計"]],
  ["发票金额", ["发票", "金额"]],
  ["電話番号", ["電話番号"]],
  ["ﾃｷｽﾄ", ["テキスト"]],
  ["行列", []],
  ["税", []],
  ["invoice", []],
  ["", []],
])("finds in %s the known words %j", (run, expected) => {
  expect(knownWordsIn(run).toSorted()).toEqual(expected.toSorted());
});

test("finds in a run of letters no word inside another, and only what stands there", () => {
  const known = WORDS.flatMap((word) => othersFor(word)).filter(isUnspaced);
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...known), { maxLength: 4 }), (parts) => {
      const run = parts.join("");
      const found = knownWordsIn(run);
      for (const word of found) {
        expect(run).toContain(word);
        expect(found.filter((other) => other !== word && other.includes(word))).toEqual([]);
      }
      for (const part of parts.filter((one) => [...one].length > 1))
        expect(found.some((word) => word.includes(part))).toBe(true);
    }),
  );
});
