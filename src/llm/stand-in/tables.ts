import { type Finding, LESS_SURE, type Line, lineOf } from "./lines.ts";

/** Labels one below the other, and as many amounts below them. */
export function stackedFindings(lines: readonly Line[]): Finding[] {
  const rows = lines.filter(({ text }) => text.trim() !== "");
  const findings: Finding[] = [];
  for (let at = 0; at < rows.length; ) {
    const labels = runFrom(rows, at, isLabelAlone);
    const from = at + labels.length;
    // Other values may stand between, of labels that are not known.
    const amounts = runFrom(rows, from + runFrom(rows, from, isOtherValue).length, isAmountAlone);
    const [first, next] = [rows[at], rows[at + 1]];
    if (first && next && labels.length === 0 && isLabelled(first) && isAmountAlone(next)) {
      const label = first.labels.at(-1);
      const amount = next.amounts[0];
      if (label && amount)
        findings.push({ part: label.part, rank: label.rank - LESS_SURE, amount });
    }
    if (labels.length === amounts.length) {
      for (const [
        index,
        {
          labels: [label],
        },
      ] of labels.entries()) {
        const amount = amounts[index]?.amounts[0];
        if (label && amount) findings.push({ part: label.part, rank: label.rank, amount });
      }
    }
    at += Math.max(1, labels.length);
  }
  return findings;
}

function runFrom(
  rows: readonly Line[],
  from: number,
  fits: (line: Line) => boolean,
): readonly Line[] {
  const end = rows.findIndex((line, index) => index >= from && !fits(line));
  return rows.slice(from, end < 0 ? rows.length : end);
}

function isLabelAlone({ text, labels: [label, more], amounts }: Line): boolean {
  if (!label || more || amounts.length > 0) return false;
  return !/\p{L}/u.test(text.slice(0, label.start) + text.slice(label.end));
}

/** A line that begins with a label and goes on with other words. */
function isLabelled({ text, labels: [label], amounts }: Line): boolean {
  return label?.start === 0 && amounts.length === 0 && text.length < 60;
}

function isOtherValue({ text, labels, amounts }: Line): boolean {
  return labels.length === 0 && amounts.length === 0 && /\d/.test(text) && text.trim().length < 40;
}

function isAmountAlone({ text, amounts: [amount, more] }: Line): boolean {
  return (
    amount !== undefined &&
    !more &&
    !/\p{L}/u.test(text.slice(0, amount.start) + text.slice(amount.end))
  );
}

const RULE = /^[\s|:=+-]*$/;

/** A row of labels, and one row of amounts below it. */
export function headedFindings(lines: readonly Line[]): Finding[] {
  const rows = lines.filter(({ text }) => !RULE.test(text));
  return rows.flatMap((head, index) => {
    const columns = cellsOf(head).map(({ labels: [label] }) => label);
    const parts = new Set(columns.map((label) => label?.part).filter((part) => part !== "other"));
    if (head.amounts.length > 0 || parts.size < 3) return [];
    const below = runFrom(rows, index + 1, ({ amounts }) => amounts.length > 1);
    const row =
      below.length === 1 ? below[0] : below.find(({ labels: [label] }) => label?.part === "total");
    // The last column is the sure one: what stands before the first amount may be of any form.
    return [...(row?.amounts ?? [])].reverse().flatMap((amount, fromLast) => {
      const label = columns[columns.length - 1 - fromLast];
      return label ? [{ part: label.part, rank: label.rank, amount }] : [];
    });
  });
}

/** Between columns stand two blanks, a tab or a bar. */
function cellsOf({ text }: Line): Line[] {
  const cells = text.trim().replace(/^\||\|$/g, "");
  return cells.split(/\t| {2,}|\||;/).map(lineOf);
}
