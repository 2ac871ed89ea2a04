import { plainText } from "./plain-text.ts";

const LABEL_CHARS = 64;

/**
 * Names that forms have for the things people ask for, each paragraph with the name it is asked
 * for by first.
 */
const NAMES = `
name, full name, nom, nombre, nome, naam, namn, imie i nazwisko, 氏名, 名前, お名前, 姓名

company, organisation, organization, firma, unternehmen, societe, entreprise, empresa, azienda,
societa, bedrijf, foretag, 会社, 会社名, 公司

email, e mail, mail, email address, courriel, correo, correo electronico, メール, メールアドレス,
邮箱, 电子邮件

phone, tel, telephone, phone number, telefon, telefonnummer, mobile, mobil, telefono, telefoon,
電話, 電話番号, 电话

address, adresse, anschrift, direccion, indirizzo, adres, adress, 住所, 地址

date, invoice date, datum, rechnungsdatum, fecha, data, date de facturation, date d'emission,
factuurdatum, fakturadatum, 日付, 発行日, 日期, 开票日期

due date, due, payment due, fallig, fallig am, echeance, vencimiento, scadenza, vervaldatum,
forfallodatum, 支払期限, お支払期限

invoice number, invoice no, invoice, invoice nr, rechnungsnummer, rechnung nr, rechnungsnr,
numero de facture, facture no, facture n°, numero de factura, factura, fattura n, fattura,
factuurnummer, fakturanummer, 請求書番号, 发票号码

customer, client, kunde, cliente, klant, kund, 顧客

subject, betreff, objet, asunto, oggetto, onderwerp, amne, 件名, 主题

quantity, qty, menge, anzahl, quantite, cantidad, quantita, aantal, antal, 数量

iban
`;

const GROUPS = NAMES.trim()
  .split("\n\n")
  .map((paragraph) => paragraph.split(/,\s*/).map((word) => nameOf(word)));
/** Each name with all that mean the same. */
const SAME = new Map(GROUPS.flatMap((group) => group.map((word) => [word, group] as const)));
const MAX_LINES = 5_000;
const SHAPES: Readonly<Record<string, RegExp>> = {
  email: /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/u,
  phone: /(?<![\p{L}\p{N}./-])(?:\+|00)\d[\d ()/-]{5,18}\d(?![\p{L}\p{N}])/u,
  url: /https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;]/u,
  iban: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/u,
};

/** The `Name: value` lines of a text, by name. Of a name that stands twice the last line counts. */
export function fieldsIn(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/).slice(0, MAX_LINES)) {
    const [, label = "", value = ""] = /^([^:：]{1,64})[:：](.*)$/.exec(line.slice(0, 2_000)) ?? [];
    const name = nameOf(label);
    if (name !== "" && /\p{L}/u.test(name) && value.trim() !== "") fields.set(name, value.trim());
  }
  return fields;
}

/**
 * The value of a field under this name or one that means the same, or of its shape; undefined when
 * there is none, or several.
 */
export function fieldNamed(
  name: string,
  text: string,
  fields: ReadonlyMap<string, string>,
): string | undefined {
  const group = SAME.get(name) ?? [name];
  const known = group.find((each) => fields.has(each));
  const shape = SHAPES[group[0] ?? name] ?? SHAPES[name];
  if (!shape) return known === undefined ? undefined : fields.get(known);
  const [one, ...more] = new Set(
    (known === undefined ? text : (fields.get(known) ?? "")).match(new RegExp(shape, "gu")),
  );
  return more.length === 0 ? one : undefined;
}

/** A name as it is compared: words in plain letters, `invoiceNumber` and `invoice_no.` alike. */
export function nameOf(text: string): string {
  const words = text
    .slice(0, LABEL_CHARS)
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .replace(/[^\p{L}\p{M}\p{N}'°]+/gu, " ");
  return plainText(words).replace(/\s+/g, " ").trim();
}
