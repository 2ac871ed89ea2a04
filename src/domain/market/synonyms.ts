import { stemmer } from "stemmer";
import { folded, isUnspaced } from "./search-text.ts";

/** Words that people use for one thing when they look for a skill, a paragraph for each thing. */
const GROUPS = `
invoice bill receipt billing rechnung quittung kassenbon beleg bon faktura facture reçu
ticket-de-caisse factura recibo fattura ricevuta scontrino factuur bonnetje fatura paragon
kvitto 請求書 領収書 レシート 发票 收据 發票 счёт чек

total totals sum subtotal summe gesamt gesamtbetrag totale somme montant importe suma totaal
合計 总计 総額 итого

amount amounts price betrag montant importe monto importo bedrag kwota 金額 金额 сумма

tax vat gst mwst mehrwertsteuer umsatzsteuer tva iva btw moms 消費税 税 税额 ндс

csv tsv comma spreadsheet excel xlsx sheet table tabelle tabellen tableur tableau hoja tabla
foglio tabella 表計算 表 スプレッドシート 电子表格 表格 таблица

json objects object

rows row records lines zeilen lignes filas righe 行

convert converter conversion transform turn parse parser export import change umwandeln
konvertieren convertir transformer pasar convertire omzetten 変換 转换 преобразовать

extract extraction read reader reads pull get take out find parse lesen auslesen extrahieren
finden lire extraire leer extraer sacar leggere estrarre lezen 抽出 読む 読み取る 取り出す 提取
читать извлечь

slug slugify permalink url handle address link uri kurzadresse adresse enlace lien indirizzo
スラッグ 链接 ссылка

title titles headline heading titel überschrift titre título titolo タイトル 標題 标题

translate translation translator übersetzen übersetzung übersetzer traduire traduction
traducteur traducir traducción traductor tradurre traduzione vertalen vertaling 翻訳 訳す 翻译
перевести перевод

language languages sprache langue idioma lingua 言語 语言 english german french spanish italian
japanese deutsch englisch französisch spanisch français anglais allemand espagnol inglés alemán
francés español 英語 日本語 ドイツ語

person people human hand manual professional mensch menschen humain personne humano persona
umano mens 人 人間 人手 人工 человек

redact remove removal strip hide mask anonymise anonymize anonymous censor blackout scrub delete
clean schwärzen entfernen anonymisieren maskieren löschen anonymiser supprimer masquer caviarder
anonimizar quitar ocultar borrar eliminar anonimizzare rimuovere 匿名化 匿名 削除 消す 隠す
マスク 脱敏 обезличить

personal private privacy pii sensitive gdpr dsgvo personenbezogen persönlich persönliche
personenbezogene personnelles personnel confidentialité personales privacidad datos-personales
personali 個人情報 個人 プライバシー 隐私 个人信息 персональные

data details information daten données datos dati 情報 データ 数据 данные

email emails mail e-mail mails correo correos courriel メール 邮件 почта

phone phones telephone number numbers telefon telefonnummer telefonnummern téléphone teléfono
telefono 電話 電話番号 电话 телефон

ticket tickets support helpdesk helpdesks service complaint complaints request issue customer
kundenanfrage kundendienst anfrage anfragen beschwerde reclamation réclamation assistance
demande soporte consulta incidencia reclamo assistenza 問い合わせ サポート チケット 工单 客服
заявка поддержка

urgent urgency priority prioritise prioritize severity important asap dringend dringlichkeit
priorität wichtigkeit urgence priorité urgente urgencia prioridad urgenza priorità 緊急 緊急度
優先度 優先 紧急 优先级 срочно

triage sort classify classification categorise categorize category categories route routing
assign label tag sortieren einordnen klassifizieren kategorisieren kategorie trier classer
catégoriser clasificar ordenar categorizar classificare 分類 振り分け 仕分け 分类 классификация

summarise summarize summary summarisation tldr shorten zusammenfassen zusammenfassung résumer
résumé resumir resumen riassumere 要約 摘要

sentiment mood emotion tone opinion stimmung humeur ánimo 感情 情感

image images picture photo photos bild bilder foto imagen immagine 画像 写真 图片

pdf document documents file files datei dateien fichier fichiers archivo documento ファイル 文書
文件

weather forecast wetter météo tiempo meteo 天気 天气

contract contracts agreement legal law vertrag verträge contrat contrato contratto 契約 契約書
合同 договор

code program programming script source programm

statistics stats average mean median statistik durchschnitt mittelwert statistiques moyenne
estadísticas media statistiche 統計 平均 统计

column columns spalte spalten colonne columna 列

count counter counts length zählen anzahl compter contar 数える 文字数 计数

words word wörter mots palabras 単語 字数

compare comparison diff difference differences vergleichen unterschied comparer comparar
diferencia 比較 差分 比较

check validate validation verify valid prüfen überprüfen gültig vérifier valider comprobar
validar verificare 検証 確認 验证

bank banking iban account konto banque banco banca 銀行 口座 银行

text texts string content texte texto testo テキスト 文章 文本

reading time duration lesezeit
`;

const FEWEST_LETTERS_INSIDE = 6;
const MAX_OTHERS = 40;

const TABLE = new Map<string, Set<readonly string[]>>();
for (const paragraph of GROUPS.trim().split("\n\n")) {
  const group = paragraph.split(/\s+/).map((word) => folded(word.replaceAll("-", " ")));
  for (const word of group) {
    const key = stemOf(word);
    TABLE.set(key, (TABLE.get(key) ?? new Set()).add(group));
  }
}

/** Other words for this one, folded; of a compound, those for what it is made of too. */
export function othersFor(word: string): string[] {
  const asked = folded(word);
  const groups = new Set(TABLE.get(stemOf(asked)));
  if (groups.size === 0 && asked.length > FEWEST_LETTERS_INSIDE) {
    for (const [inside, those] of TABLE) {
      if (inside.length >= FEWEST_LETTERS_INSIDE && asked.includes(inside))
        for (const group of those) groups.add(group);
    }
  }
  const others = new Set([...groups].flat());
  others.delete(asked);
  return [...others].slice(0, MAX_OTHERS);
}

const UNSPACED_WORDS = [...new Set([...TABLE.values()].flatMap((groups) => [...groups].flat()))]
  .filter((word) => isUnspaced(word) && [...word].length > 1)
  .sort((a, b) => b.length - a.length);

/** The words of the table that stand in a run of letters without spaces, none inside another. */
export function knownWordsIn(run: string): string[] {
  const text = folded(run);
  const found: string[] = [];
  for (const word of UNSPACED_WORDS) {
    if (text.includes(word) && !found.some((longer) => longer.includes(word))) found.push(word);
  }
  return found;
}

function stemOf(word: string): string {
  return /^[a-z]+$/.test(word) ? stemmer(word) : word;
}
