/** The ISO codes of currencies that invoices are written in. */
export const CURRENCY_CODES: readonly string[] = (
  "AED ARS AUD BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JOD JPY KES " +
  "KRW KWD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RUB SAR SEK SGD THB TND TRY TWD UAH USD VND ZAR"
).split(" ");

/** Codes that are words too, where letters are small. */
export const WORDS_TOO: readonly string[] = ["PEN", "TRY"];
