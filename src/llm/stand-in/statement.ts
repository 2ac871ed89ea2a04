import { currencyOf } from "./currencies.ts";
import { PAID_BEFORE, type Part } from "./labels.ts";
import { type Finding, LESS_SURE, lineFindings, lineOf } from "./lines.ts";
import { plainText, withoutMarkup } from "./plain-text.ts";
import { headedFindings, stackedFindings } from "./tables.ts";

/** The figures of an invoice; null for what it does not state, or states in two ways. */
export interface Statement {
  readonly subtotal: number | null;
  readonly tax: number | null;
  readonly total: number | null;
  readonly currency: string | null;
}

const MAX_LINES = 500;
const MAX_STATED = 30;
const RANKS = [3, 2, 1, 0, 3 - LESS_SURE, 2 - LESS_SURE, 1 - LESS_SURE, -LESS_SURE];
/** The ranks of what is due: less than the total, where a part was paid before. */
const DUE: readonly number[] = [1, 0, 1 - LESS_SURE, -LESS_SURE];

export function readStatement(text: string): Statement {
  const lines = plainText(withoutMarkup(text)).split(/\r?\n/).slice(0, MAX_LINES).map(lineOf);
  const found = [
    ...headedFindings(lines),
    ...stackedFindings(lines),
    ...lines.flatMap(lineFindings),
  ];
  const amounts = lines.flatMap((line) => line.amounts);
  const figures = settle(found, new Set(amounts.map(({ value }) => value)));
  const stated = found.filter(({ part }) => part !== "other").map(({ amount }) => amount);
  const totals = stated.filter(({ value }) => value === figures.total);
  return { ...figures, currency: currencyOf(text, [totals, stated, amounts]) };
}

/**
 * Settles what the findings come to. Where two values of one part are stated, the one that adds up
 * is meant; else none.
 */
function settle(
  found: readonly Finding[],
  stated: ReadonlySet<number>,
): Omit<Statement, "currency"> {
  const paidBefore = found.some(({ part, rank }) => part === "other" && rank === PAID_BEFORE);
  const totals = found.filter(
    ({ part, rank }) => part === "total" && !(DUE.includes(rank) && paidBefore),
  );
  const nets = [...new Set(valuesOf(found, "subtotal").flat())];
  const [taxes = [], ...lesserTaxes] = valuesOf(found, "tax");
  const duties = [
    ...new Set([...taxes, sum(taxes), ...lesserTaxes.flat(), sum(lesserTaxes.flat())]),
  ];
  // An amount that net amount and tax come to is sure; a label alone may be of another invoice.
  const total =
    summedTotal(nets, duties, stated) ?? totalOf(valuesOf(totals, "total"), nets, duties);
  const [only, ...others] = new Set(taxes);
  const proved =
    total === null ? [] : pairsOf(nets, duties).filter(([net, tax]) => adds(net, tax, total));
  const [[net, tax] = []] = proved;
  if (net !== undefined && tax !== undefined) return { subtotal: net, tax, total };
  return {
    subtotal: nets.length === 1 ? (nets[0] ?? null) : null,
    tax: only !== undefined && others.length === 0 && taxes.length === 1 ? only : null,
    total,
  };
}

function totalOf(
  ranks: readonly (readonly number[])[],
  nets: readonly number[],
  taxes: readonly number[],
) {
  for (const values of ranks) {
    const [one, ...more] = new Set(values);
    if (one !== undefined && more.length === 0) return one;
    const summed = values.find((value) =>
      pairsOf([...nets, ...values], taxes).some(([net, tax]) => adds(net, tax, value)),
    );
    if (summed !== undefined) return summed;
  }
  return null;
}

/** The values of a part, those of the highest rank first. */
function valuesOf(found: readonly Finding[], part: Part): number[][] {
  const ranks = RANKS.map((wanted) =>
    found.filter((finding) => finding.part === part && finding.rank === wanted),
  );
  const isMoney = found.some(({ part: of, amount }) => of === part && amount.isMoney);
  const sure = ranks.map((each) => each.filter(({ amount }) => amount.isMoney === isMoney));
  const stated = sure.filter((each) => each.length > 0);
  return stated.map((each) => each.slice(0, MAX_STATED).map(({ amount }) => amount.value));
}

function pairsOf(nets: readonly number[], taxes: readonly number[]) {
  return nets.flatMap((net) =>
    taxes.filter((tax) => tax !== 0 || net !== 0).map((tax) => [net, tax] as const),
  );
}

function adds(net: number, tax: number, total: number): boolean {
  return Math.abs(net + tax - total) < 0.005;
}

function sum(values: readonly number[]): number {
  return Math.round(values.reduce((all, value) => all + value, 0) * 1000) / 1000;
}

/** An amount that nothing calls a total, and that net amount and tax come to. */
function summedTotal(
  nets: readonly number[],
  taxes: readonly number[],
  stated: ReadonlySet<number>,
): number | null {
  const sums = pairsOf(nets, taxes).map(([net, tax]) => sum([net, tax]));
  const [one, ...more] = new Set(
    sums.filter((value) => value !== 0 && stated.has(value) && !nets.includes(value)),
  );
  return one !== undefined && more.length === 0 ? one : null;
}
