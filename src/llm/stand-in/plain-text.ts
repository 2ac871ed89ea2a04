import { folded } from "../../domain/market/search-text.ts";

const MARKS = /\p{M}/gu;
const DASHES = /[\u2012-\u2015\u2212]/g;
const APOSTROPHES = /[\u2018\u2019\u00b4`]/g;
const SPREAD_WORD = /(?<![\p{L}\p{N}])(?:\p{L} ){3,12}\p{L}(?![\p{L}\p{N}])/gu;
const TORN_NUMBER = /(\d) ?([.,]) ?(?=\d{3}(?!\d))/g;
const LEADERS = /[._\u00b7\u2022]{2,}/g;

/**
 * A text in one form of each letter, sign and blank, without accents: as labels and amounts are
 * looked up.
 */
export function plainText(text: string): string {
  return folded(text)
    .normalize("NFD")
    .replace(MARKS, "")
    .normalize("NFC")
    .replace(DASHES, "-")
    .replace(APOSTROPHES, "'")
    .replace(LEADERS, "  ")
    .replace(SPREAD_WORD, (word) => word.replaceAll(" ", ""))
    .replace(TORN_NUMBER, "$1$2");
}

const ENTITIES: Readonly<Record<string, string>> = {
  nbsp: " ",
  euro: "€",
  pound: "£",
  yen: "¥",
  amp: "&",
  middot: " ",
  lt: " ",
  gt: " ",
};

/** A text without the marks of HTML: a row is a line, and between its cells is room. */
export function withoutMarkup(text: string): string {
  if (!/<\/(?:td|tr|p|div|li)>|<br/i.test(text)) return text;
  return text
    .replace(/<br ?\/?>|<\/(?:tr|p|div|li|h\d)>/gi, "\n")
    .replace(/<[a-z!/][^<>]{0,500}>/gi, "  ")
    .replace(/&([a-z]{2,8});/gi, (_, name: string) => ENTITIES[name.toLowerCase()] ?? " ");
}
