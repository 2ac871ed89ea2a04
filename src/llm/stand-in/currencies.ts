import type { Amount } from "./amounts.ts";
import { CURRENCY_CODES } from "./currency-codes.ts";

const NAMES: Readonly<Record<string, string>> = {
  "€": "EUR",
  euro: "EUR",
  euros: "EUR",
  "£": "GBP",
  pound: "GBP",
  pounds: "GBP",
  us$: "USD",
  ca$: "CAD",
  c$: "CAD",
  a$: "AUD",
  au$: "AUD",
  nz$: "NZD",
  hk$: "HKD",
  nt$: "TWD",
  s$: "SGD",
  r$: "BRL",
  mx$: "MXN",
  "₹": "INR",
  rs: "INR",
  "₩": "KRW",
  "₽": "RUB",
  "₺": "TRY",
  "₴": "UAH",
  "₪": "ILS",
  "₫": "VND",
  "฿": "THB",
  zl: "PLN",
  kc: "CZK",
  ft: "HUF",
  fr: "CHF",
  sfr: "CHF",
  yen: "JPY",
  円: "JPY",
  元: "CNY",
  rmb: "CNY",
  원: "KRW",
  руб: "RUB",
  грн: "UAH",
  tl: "TRY",
  lei: "RON",
};

/** Meanings of a sign that several countries share, each where a text speaks of one of them. */
const BY_CONTEXT: Readonly<Record<string, readonly (readonly [context: RegExp, code: string])[]>> =
  {
    $: [
      [/\b(?:HST|PST|QST|TPS|TVQ|Canada|Canadian)\b/i, "CAD"],
      [/\bABN\b|Australia/i, "AUD"],
      [/\bGST\b|\bIVA\b|\bIGV\b|RFC\b/, ""],
      [/^/, "USD"],
    ],
    "¥": [
      [/[\p{Script=Hiragana}\p{Script=Katakana}]|消費税|請求書|税込|円/u, "JPY"],
      [/[税额发开总计应单价]{2}|增值税|人民币|RMB|元/u, "CNY"],
      [/\bJapan|\bTokyo/i, "JPY"],
      [/\bChina|Shanghai|Beijing/i, "CNY"],
    ],
    kr: [
      [/att betala|delsumma|kvitto|varav|org\.?\s?nr|bankgiro|plusgiro|exkl|totalt|summa/i, "SEK"],
      [/\bcvr\b|i alt|heraf|ekskl|at betale/i, "DKK"],
      [/\bmva\b|å betale|\bsum\b/i, "NOK"],
    ],
  };
const CODES = new RegExp(`\\b(?:${CURRENCY_CODES.join("|")})\\b`, "g");

/** A form's own word for its currency. */
const CURRENCY =
  "currency|wahrung|währung|moneda|devise|monnaie|valuta|waluta|moeda|валюта|通貨|币种";
const DECLARED = new RegExp(`(?:${CURRENCY})["'\\s:=;]{1,4}([A-Z]{3})\\b`, "i");

/**
 * The ISO code of the first group of amounts that names one currency; else the one that the text
 * speaks of; null when it names none, or several.
 */
export function currencyOf(text: string, groups: readonly (readonly Amount[])[]): string | null {
  const [, declared] = DECLARED.exec(text) ?? [];
  const spoken =
    declared === undefined ? [...new Set(text.match(CODES) ?? [])] : [declared.toUpperCase()];
  for (const amounts of groups) {
    const signs = new Set(amounts.flatMap(({ currency }) => currency ?? []));
    const [one, ...more] = new Set([...signs].map((sign) => meaning(sign, text, spoken)));
    if (one !== undefined && more.length === 0) return one;
  }
  return spoken.length === 1 ? (spoken[0] ?? null) : null;
}

function meaning(sign: string, text: string, spoken: readonly string[]): string | null {
  const contexts = BY_CONTEXT[sign];
  if (!contexts) return NAMES[sign] ?? (/^[a-z]{3}$/.test(sign) ? sign.toUpperCase() : null);
  if (spoken.length === 1) return spoken[0] ?? null;
  const [, code = ""] = contexts.find(([context]) => context.test(text)) ?? [];
  return code === "" ? null : code;
}
