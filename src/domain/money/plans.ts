import { PLANS, type Plan } from "./money.ts";

/**
 * The price and the limits of a plan. Read from `storage/seed/prices.json`; null is without bound,
 * or not for sale.
 */
export interface PlanTerms {
  readonly price_cents_per_month: number | null;
  readonly published_skills: number | null;
  /** Compute of free skills and drafts that the platform absorbs for an operator on one UTC day. */
  readonly free_compute_micro_usd_per_day: number;
}

export type PlanLimits = (plan: Plan) => PlanTerms;

export function isUpgrade(from: Plan, to: Plan): boolean {
  return PLANS.indexOf(to) > PLANS.indexOf(from);
}

/** So many months on, to the millisecond; in a month without that day on its last one. */
function monthsAfter(anchor: number, months: number): number {
  const from = new Date(anchor);
  const to = new Date(anchor);
  to.setUTCMonth(from.getUTCMonth() + months, 1);
  const lastDay = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
  to.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return to.getTime();
}

/** The first end of a month, counted from its anchor, that is later than `after`. */
export function periodEndAfter(anchor: number, after: number): number {
  for (let months = 1; ; months++) {
    const end = monthsAfter(anchor, months);
    if (end > after) return end;
  }
}

/** Cents of a paid month that are not used yet, rounded down. */
export function unusedCents(
  paidCents: number,
  period: { readonly start: number; readonly end: number },
  now: number,
) {
  const monthMs = period.end - period.start;
  const leftMs = Math.min(monthMs, Math.max(0, period.end - now));
  // The product is exact: no cent is lost to a fraction that is not.
  return Math.floor((paidCents * leftMs) / monthMs);
}
