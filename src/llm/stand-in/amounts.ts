import { CURRENCY_CODES, WORDS_TOO } from "./currency-codes.ts";

/** An amount as it stands in a plain text. */
export interface Amount {
  readonly value: number;
  /** As it is written: a sign, a code or a word. */
  readonly currency: string | undefined;
  /** Written with a currency or with cents, and so no count or number of anything. */
  readonly isMoney: boolean;
  readonly start: number;
  readonly end: number;
}

const CODES = CURRENCY_CODES.filter((code) => !WORDS_TOO.includes(code))
  .join("|")
  .toLowerCase();
const SIGNS = "(?:us|ca|c|au|a|nz|hk|nt|s|r|mx)?\\$|€|£|¥|₹|₩|₽|₺|₴|₪|₫|฿";
const WORDS = "euros?|dollars?|pounds?|zl|kc|ft|kr|sfr|fr|tl|lei|yen|rmb|rs|руб|грн";
const UNSPACED_WORDS = "円|元|원";
const BEFORE = `(?<![\\p{L}\\p{N}])(?:(?:${CODES}|kr|sfr|fr|rs|rmb)\\.?|${SIGNS})`;
const AFTER = `(?:${SIGNS}|(?:${CODES}|${WORDS})(?![\\p{L}\\p{N}])|${UNSPACED_WORDS})`;
const GROUPED =
  "\\d{1,3}(?:\\.\\d{3})+(?:,\\d{1,2})?|\\d{1,3}(?:,\\d{2,3})*,\\d{3}(?:\\.\\d{1,2})?";
const SPACED = "\\d{1,3}(?:[ '] ?\\d{3})+(?:[.,]\\d{1,3})?";
const DIGITS = `${SPACED}|${GROUPED}|\\d+(?:[.,]\\d{1,3})?`;
const MINUS = "(?<=[:|\\t]\\s{0,3})-\\s?|(?<![\\p{L}\\p{N}] ?)-";
/** Not behind these: a part of a longer number, a code, a time, "No.". */
const START = "(?<![\\p{N}_./#-]|[a-z](?=-?\\d)|\\d:|\\bn[ro]\\.? ?)";
/** Not before these: more of a date, a time or a number. */
const WHOLE = "(?![\\p{L}]?\\d|[.,:/]\\d|-\\d)";
const NO_PERCENTAGE = "(?![\\p{N}a-z]|\\s?%|\\s?(?:percent|prozent)\\b)";
/** A minus, a currency, the digits, a dash in place of cents, a minus behind, a currency. */
const AMOUNT = new RegExp(
  [
    START,
    `(?<sign>${MINUS})?`,
    `(?:(?<before>${BEFORE}) {0,12})?`,
    "(?<sign2>-)?",
    `(?<digits>${DIGITS})`,
    WHOLE,
    "(?<round>[.,:]-)?",
    "(?<behind>-(?!\\S))?",
    `(?:\\s?(?<after>${AFTER}))?`,
    NO_PERCENTAGE,
  ].join(""),
  "gu",
);
/** Currencies that have a thousand parts. */
const THOUSANDTHS = new Set(["bhd", "jod", "kwd", "omr", "tnd"]);

/** The amounts of one line. Percentages, dates, telephone and other long numbers are none. */
export function amountsIn(line: string): Amount[] {
  return [...line.matchAll(AMOUNT)].flatMap((match) => {
    const { sign, sign2, before, digits = "", behind, round, after } = match.groups ?? {};
    const start = match.index;
    const end = start + match[0].length;
    const currency = before?.replace(/\.$/, "") ?? after;
    const value = numberOf(digits, currency !== undefined && THOUSANDTHS.has(currency));
    if (value === undefined) return [];
    const isMoney = currency !== undefined || round !== undefined || /[.,]\d{1,2}$/.test(digits);
    if (!isMoney && isCount(line, end)) return [];
    const isBracketed = line[start - 1] === "(" && line[end] === ")";
    // In a column brackets are a minus; in a sentence they may be anything.
    if (isBracketed && !/(?:^|\s{2}|[:;|\t] ?)\($/.test(line.slice(0, start))) return [];
    const isNegative =
      sign !== undefined || sign2 !== undefined || behind !== undefined || isBracketed;
    return [{ value: isNegative && value !== 0 ? -value : value, currency, isMoney, start, end }];
  });
}

/** Digits in any of the ways they are grouped; undefined for what no amount is written like. */
function numberOf(digits: string, hasThousandths: boolean): number | undefined {
  if (/^0\d/.test(digits)) return undefined;
  const plain = digits.replaceAll(/[ ']/g, "");
  const [, whole = plain, cents = ""] = /^(.*)[.,](\d+)$/.exec(plain) ?? [];
  const isGroup = cents.length === 3 && !(hasThousandths && !/[.,]/.test(whole));
  const text = isGroup
    ? plain.replaceAll(/[.,]/g, "")
    : `${whole.replaceAll(/[.,]/g, "")}.${cents || "0"}`;
  const value = Number(text);
  return text.length <= 16 && Number.isFinite(value) ? value : undefined;
}

/** A number that is followed by a word counts something. */
function isCount(line: string, end: number): boolean {
  return /^ ?\p{L}/u.test(line.slice(end, end + 2));
}
