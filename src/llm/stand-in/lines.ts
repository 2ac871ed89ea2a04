import { type Amount, amountsIn } from "./amounts.ts";
import { type Label, labelsIn, type Part } from "./labels.ts";

/** An amount, and what its label says it is. */
export interface Finding {
  readonly part: Part;
  readonly rank: number;
  readonly amount: Amount;
}

export interface Line {
  readonly text: string;
  readonly labels: readonly Label[];
  readonly amounts: readonly Amount[];
}

/** So many ranks below the others is a label that goes on with other words. */
export const LESS_SURE = 10;
const LINE_CHARS = 1_000;
/** Words that announce the sum that was taxed, and not the tax. */
const BASE = /^[^\p{L}]*(?:on|auf|sur|sobre|su|over|pa|au)\b/u;
const INCLUDED = /^ ?(?:incl|inkl|inbegr|enthalten|compris|含)/;
const WITH =
  "incl?|including|included|inkl|inklusive|inclus|inclusief|inclusive|with|mit|con|com|avec|med|ink|z|s|с|cu|dont|davon|di cui|waarvan|varav|heraf|en";
const WITHOUT =
  "excl?|excluding|exclusive|exclus|ex|exkl|exklusive|exclusief|ekskl|before|without|ohne|sans|hors|sin|sem|senza|zonder|utan|uden|bez|eks|avant|antes(?: de)?|prima|voor|vor|без|до|χωρις|fara|haric";
const PLUS = "zzgl|zuzuglich|plus|piu|mas|en sus|til";
/** Small words that join two others. */
const OF = "(?:(?:de|del|de la|des|du|dei|della|di|der|van|von|do|da|of|any|all)[^\\p{L}]+)?";
/**
 * Stands between two labels that make one: a currency, and whether what follows is in the amount.
 */
const JOINT = new RegExp(
  `^(?!.*(?:[;|\\t]| {2}))[^\\p{L}]*(?:(?!(?:${WITH}|${WITHOUT}|de|di|of|do|da)\\b)[a-z]{3}[^\\p{L}]+)?(?:(?<with>${WITH})|(?<without>${WITHOUT}|${PLUS}))?[^\\p{L}]*${OF}$`,
  "u",
);
/** Stands between an amount and a tax that is in it, or is not. */
const BETWEEN = new RegExp(`^[ (]*(?:(?<with>${WITH})|(?<without>${WITHOUT}|${PLUS}))[. ]*$`, "u");
/** Stands before a tax, and says that the amount behind is without it, or with it. */
const AHEAD = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:(?<with>${WITH})|(?<without>${WITHOUT}))[^\\p{L}\\p{N}]*${OF}$`,
  "u",
);
/** Words between a label and its amount that change nothing. */
const FILLER =
  /\b(?:is|was|are|of|for|the|to|at|in|amount|value|due|de|du|del|di|la|le|es|est|von|vom|betragt|belauft|sich|auf|over|van|bedraagt|er|e|a|no|on|your|card|us|ca|au|nz)\b/g;

export function lineOf(whole: string): Line {
  const text = whole.slice(0, LINE_CHARS);
  const amounts = amountsIn(text);
  return { text, labels: joined(text, labelsIn(text), amounts), amounts };
}

/** Labels that stand together are one: "Total (incl. VAT)", "Total VAT", "Gesamt netto". */
function joined(text: string, labels: readonly Label[], amounts: readonly Amount[]): Label[] {
  const made: Label[] = [];
  for (const label of labels) {
    const last = made.at(-1);
    const joint = last && JOINT.exec(text.slice(last.end, label.start));
    const apart =
      !joint || amounts.some(({ start, end }) => start >= last.end && end <= label.start);
    if (apart) made.push(alone(text, label, last?.end ?? 0));
    else
      made[made.length - 1] = {
        ...join(last, label, joint.groups ?? {}),
        start: last.start,
        end: label.end,
      };
  }
  return made.filter(
    ({ part, end }) =>
      part !== "tax" || !INCLUDED.test(text.slice(end)) || isFollowed(text, end, amounts),
  );
}

/** "Charges before VAT" announces a net amount. "Price incl. VAT" may announce anything. */
function alone(text: string, label: Label, from: number): Label {
  if (label.part !== "tax") return label;
  const before = text.slice(from, label.start);
  const ahead = AHEAD.exec(before);
  const said = before.slice(0, ahead?.index).trim();
  if (!ahead || /[\d€$£¥%)]$/.test(said) || /^\W*$/u.test(said))
    return ahead?.groups?.without && !/\d/.test(said)
      ? { ...label, part: "subtotal", rank: 3 }
      : label;
  return ahead.groups?.without === undefined
    ? { ...label, part: "other" }
    : { ...label, part: "subtotal", rank: 3 };
}

/** True when money follows without a word between. */
function isFollowed(text: string, end: number, amounts: readonly Amount[]): boolean {
  const next = amounts.find(({ start, isMoney }) => start >= end && isMoney);
  return next !== undefined && /^ ?\p{L}*[^\p{L}]*$/u.test(text.slice(end, next.start));
}

function join(
  first: Label,
  second: Label,
  joint: { with?: string; without?: string },
): Pick<Label, "part" | "rank"> {
  if (first.part !== "total")
    return first.part === "tax" && second.part === "total" ? { part: "tax", rank: 3 } : first;
  if (joint.without !== undefined) return { part: "subtotal", rank: 3 };
  if (joint.with !== undefined) return { part: "total", rank: 3 };
  if (second.part === "total") return { part: "total", rank: Math.max(first.rank, second.rank) };
  return { part: second.part, rank: 3 };
}

/**
 * The labels of a line, each with the amount that belongs to it: the one behind it, or the one
 * right before it.
 */
export function lineFindings({ text, labels, amounts }: Line): Finding[] {
  const findings: Finding[] = [];
  const left = new Set(amounts);
  const spans = labels.map((label, index) => ({
    label,
    from: labels[index - 1]?.end ?? 0,
    to: labels[index + 1]?.start ?? text.length,
  }));
  const served = new Set<Label>();
  const take = (label: Label, amount: Amount | undefined, rank = label.rank) => {
    if (!amount) return;
    served.add(label);
    left.delete(amount);
    findings.push({ part: label.part, rank, amount });
  };
  const behind = ({ end }: Label, to: number) =>
    [...left].filter((amount) => amount.start >= end && amount.end <= to);
  for (const { label, from, to } of spans) {
    const next = behind(label, to).find(({ isMoney }) => isMoney);
    if (next && !/\p{L}/u.test(unfilled(text.slice(label.end, next.start)))) continue;
    const before = amounts.findLast((amount) => amount.end <= label.start && amount.start >= from);
    const isNext =
      before?.isMoney &&
      /^ ?(?:(?:in|of|de|di|van|von|an|af|av) )?$/.test(text.slice(before.end, label.start));
    const isForeign = from > 0 && !/\p{L}/u.test(text.slice(from, before?.start));
    if (isNext && !isForeign) take(label, before);
  }
  for (const { label, from } of spans) {
    const amount = isTaxed(label)
      ? amounts.findLast((each) => left.has(each) && each.end <= label.start && each.start >= from)
      : undefined;
    const joint = amount?.isMoney && BETWEEN.exec(text.slice(amount.end, label.start));
    if (joint && amount && !served.has(label))
      take({ ...label, ...taxed(joint.groups ?? {}) }, amount);
  }
  for (const { label, to } of spans) {
    const amount = served.has(label) ? undefined : amountBehind(text, label, behind(label, to));
    take(label, amount, amount && qualified(label, text.slice(label.end, amount.start)));
  }
  return findings;
}

function isTaxed({ part }: Label): boolean {
  return part === "tax" || part === "subtotal";
}

/** "£100 before VAT" is a net amount, "£120 including VAT" a total. */
function taxed({ without }: { without?: string }): Pick<Label, "part" | "rank"> {
  return without === undefined ? { part: "total", rank: 2 } : { part: "subtotal", rank: 3 };
}

/** A label that goes on with other words may be of something else: "Total Greek yoghurt". */
function qualified({ part, rank }: Label, between: string): number {
  return part === "total" && /\p{L}/u.test(unfilled(between)) ? rank - LESS_SURE : rank;
}

function unfilled(between: string): string {
  return between
    .replace(/\([^)]*\)/g, "")
    .replace(FILLER, "")
    .replace(/\b[a-z]{3}\b(?=[^\p{L}]*$)/u, "");
}

function amountBehind(text: string, label: Label, amounts: readonly Amount[]): Amount | undefined {
  const money = amounts.filter(({ isMoney }) => isMoney);
  const [first, second] = money;
  if (!first) return amounts.find(({ start }) => !/\p{L}/u.test(text.slice(label.end, start)));
  if (label.part === "tax" && BASE.test(text.slice(label.end, first.start)))
    return second && money.at(-1);
  const isColumns = second && !/\p{L}/u.test(text.slice(first.end, second.start));
  return isColumns ? money.at(-1) : first;
}
