import { plainText } from "./plain-text.ts";

/** The parts of an invoice that a label can announce. `other` is an amount that is none of them. */
export type Part = "total" | "subtotal" | "tax" | "other";

export interface Label {
  readonly part: Part;
  /** Of two labels of one part the one with the higher rank is meant. */
  readonly rank: number;
  readonly start: number;
  readonly end: number;
}

/** The rank of what says that a part was paid before: then the amount due is not the total. */
export const PAID_BEFORE = 2;

/**
 * Words of invoices, by what they announce and how surely. A blank also stands for a hyphen or
 * nothing.
 */
const WORDS: readonly (readonly [part: Part, rank: number, words: string])[] = [
  [
    "total",
    3,
    `grand total, invoice value, amount charged, total charges, rechnungsendbetrag, gesamtpreis,
    total price, prix total, prezzo complessivo, precio total, prezzo totale, totaalprijs,
    monto total, importe factura, gross, gross total, gross amount, invoice total, order total,
    total amount, invoice amount, gesamtbetrag, gesamtsumme, endbetrag, endsumme,
    rechnungsbetrag, rechnungssumme, bruttobetrag, bruttosumme, brutto, gesamt brutto,
    summe brutto, gesamtbetrag brutto, total ttc, montant ttc, montant total, total general,
    net a payer ttc, ttc, importe total, total factura, totale fattura, totale ivato,
    totale documento, totale complessivo, totale generale, importo totale, totaalbedrag,
    eindtotaal, factuurbedrag, total geral, valor total, razem brutto, wartosc brutto,
    kwota brutto, suma brutto, totalsumma, totalbelopp, fakturabelopp, celkem s dph,
    celkova castka, 合計金額, 税込合計, genel toplam, gesamtsumme brutto, brutto osszesen,
    fizetendo osszesen, maksettava yhteensa, total de plata, tong cong, 合計 税込, 総合計, 総額,
    税込金額, ご請求金額, 請求金額, 请求金额, 価税合計, 价税合计, 总金额, 合计金额, 应付总额,
    總金額, 총액, 합계 금액`,
  ],
  [
    "total",
    2,
    `total, totals, order total, gesamt, rechnungstotal, summe, insgesamt, totale, totaal, totalt,
    total sum, razem, suma, ogolem, summa, celkem, yhteensa, i alt, osszesen, toplam, sum,
    summa summarum, разом, всього, συνολο, jumlah, المجموع, الاجمالي, итого, всего, 合計, 合计,
    总计, 總計, 합계, in total, in all, all in, comes to, amounts to, for a total of`,
  ],
  [
    "total",
    1,
    `total due, nett payable, net payable, neto a pagar, valor a pagar, montant a payer,
    somme a payer, te voldoen, zahlbar, odenecek tutar, total a vostro credito, amount due,
    balance due, amount payable, total payable, please pay, to pay, you paid, you were charged,
    has been charged, was charged, charged, we charged, payment of, sum of, zu zahlen,
    zu zahlender betrag, zahlbetrag, zahlungsbetrag, forderungsbetrag, net a payer, a payer,
    montant du, somme de, total a payer, total a pagar, a pagar, totale da pagare, da pagare,
    netto a pagare, 請求額, ご請求額, te betalen, totaal te betalen, att betala,
    summa att betala, at betale, a betale, do zaplaty, k uhrade, maksettava, fizetendo, к оплате,
    до сплати, πληρωτεο, συνολο πληρωτεο, de plata, お支払い金額, お支払金額, 支払金額, 実付款,
    实付款, 应付金额, 应付, 支払額`,
  ],
  [
    "total",
    0,
    "amount, betrag, montant, importe, importo, bedrag, kwota, belopp, belob, hinta, summe der, valor, 金額, 金额",
  ],
  [
    "subtotal",
    3,
    `subtotal, sub total, net total, total net, net amount, amount net, net value, taxable amount,
    taxable, zwischensumme, zwischentotal, nettobetrage, belastbaar bedrag, nettobelop,
    nettobedrag, monto neto, kdv matrahi, 銷售額, 銷售額合計, 销售额, net, nettobetrag,
    nettosumme, netto, summe netto, gesamt netto, gesamtbetrag netto, netto gesamt,
    warenwert netto, total netto, total ht, montant ht, sous total, sous total ht, hors taxes,
    ht, base imponible, base, importe neto, importe base, total neto, neto, imponibile,
    totale imponibile, totale netto, subtotale, subtotaal, base tributavel, valor liquido,
    razem netto, wartosc netto, kwota netto, suma netto, delsumma, nettobelopp, zaklad dane,
    mezisoucet, celkem bez dph, valisumma, veroton, veroton hinta, veroton hinta yhteensa,
    ara toplam, matrah, netto osszesen, καθαρη αξια, αξια, промежуточный итог, thanh tien, dpp,
    小計, 小计, 税抜, 税抜金額, 税抜合計, 税抜小計, 不含税金额, 金额 不含税, 未税金額, 소계,
    공급가액`,
  ],
  [
    "tax",
    3,
    `total tax, total vat, tax total, vat total, total gst, tax amount, vat amount, gesamt mwst,
    mwst gesamt, mehrwertsteuerbetrag, steuerbetrag, umsatzsteuerbetrag, summe mwst, total tva,
    montant tva, total iva, cuota iva, importe iva, totale iva, importo iva, totaal btw,
    btw bedrag, btw totaal, valor do iva, total de iva, kwota vat, razem vat, suma vat,
    moms totalt, totalt moms, momsbelopp, 消費税額, 税额合计, 合计税额, 税额, 稅額, 税額,
    消費税合計`,
  ],
  [
    "tax",
    2,
    `營業稅, 稅, hesaplanan kdv, impuesto trasladado, total des taxes, tax, taxes, vat, sales tax,
    steuer, steuern, impot, gst, hst, pst, qst, cgst, sgst, igst, mwst, mehrwertsteuer, ust,
    umsatzsteuer, tva, taxe, iva, impuesto, impuestos, imposto, impostos, imposta, btw, ptu,
    podatek, podatek vat, moms, mva, mervardesskatt, heraf moms, varav moms, dph, alv, afa, kdv,
    ндс, пдв, φπα, ppn, thue, ضريبة القيمة المضافة, 세액, 消費税, 消費税等, 增值税, 税金, 稅金,
    부가세, 부가가치세`,
  ],
  [
    "other",
    PAID_BEFORE,
    `deposit, caparra, fianza, anzahlung, acompte, anticipo, acconto, aanbetaling, zaliczka,
    prepaid, total paid, amount paid, paid, already paid, less paid, bezahlt, bereits bezahlt,
    gezahlt, deja paye, paye, pagado, pagato, betaald, betald, zaplacono, gift card, gutschein,
    voucher, guthaben, avoir, credit, previous balance, opening balance`,
  ],
  [
    "other",
    1,
    `vat id, vat no, vat number, vat reg, vat reg no, vat rate, tax id, tax no, tax number,
    tax rate, tax invoice, tax office, ust id, ust idnr, ust id nr, mwst satz, mwst nr,
    steuernummer, steuer nr, n tva, no tva, tva intracommunautaire, num tva, p iva, partita iva,
    part iva, btw nr, btw nummer, btw id, moms nr, momsreg, momsregnr, numer vat, nip,
    total items, total item, total quantity, total qty, total units, total hours, total weight,
    total discount, total savings, you saved, you save, total shipping, total pages,
    total points, running total, line total, page total, total number, discount, rabatt, skonto,
    remise, descuento, sconto, korting, desconto, rabat, shipping, delivery, postage, freight,
    versand, versandkosten, fracht, livraison, port, frais de port, envio, gastos de envio,
    spedizione, spese di spedizione, verzending, verzendkosten, portes, frakt, dostawa, wysylka,
    送料, 运费, tip, gratuity, service charge, trinkgeld, pourboire, propina, mancia, fee,
    handling, お預り, お釣り, cash, change, card, visa, mastercard, gegeben, ruckgeld, rendu,
    cambio, unit price, price, einzelpreis, preis, prix unitaire, precio, prezzo, prijs, cena,
    pris, qty, quantity, menge, anzahl, quantite, cantidad, quantita, aantal, ilosc, antal, 単価,
    单价, 数量, coupon, reverse charge, exempt, iban, tel, phone, fax, bic, balance, late fee,
    minimum payment, hourly rate, rate, per hour, due date, due on, due by, rounding, rundung,
    値引, 割引, 折扣, 优惠`,
  ],
];

const KNOWN: ReadonlyMap<string, { readonly part: Part; readonly rank: number }> = new Map(
  WORDS.flatMap(([part, rank, words]) =>
    words
      .split(",")
      .map((word) => [plainText(word.trim().replace(/\s+/g, " ")), { part, rank }] as const),
  ),
);

/** Scripts whose words end where no blank is. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const LONGEST_FIRST = [...KNOWN.keys()].sort((a, b) => b.length - a.length);
const spaced = LONGEST_FIRST.filter((word) => !UNSPACED.test(word)).map((word) =>
  word.replaceAll(" ", "[ _.-]{0,2}"),
);
const unspaced = LONGEST_FIRST.filter((word) => UNSPACED.test(word)).map((word) =>
  word.replaceAll(" ", "[ (]?"),
);
const LABEL = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:${spaced.join("|")})(?!\\p{L})|${unspaced.join("|")}`,
  "gu",
);
const BY_LETTERS = new Map([...KNOWN].map(([word, known]) => [lettersOf(word), known]));

/** The labels of one line of a plain text, the longest that fits at each place. */
export function labelsIn(line: string): Label[] {
  return [...line.matchAll(LABEL)].flatMap((match) => {
    const known = BY_LETTERS.get(lettersOf(match[0]));
    return known ? [{ ...known, start: match.index, end: match.index + match[0].length }] : [];
  });
}

function lettersOf(word: string): string {
  return word.replaceAll(/[^\p{L}\p{M}ー々]/gu, "");
}
