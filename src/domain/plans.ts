import { PLANS, type Plan } from "./money.ts";

/** What a plan costs and allows. Read from `storage/seed/prices.json`; null is without bound, or not for sale. */
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

/** One month on, to the millisecond; in a shorter month its last day. */
export function monthAfter(time: number): number {
  const from = new Date(time);
  const to = new Date(from);
  to.setUTCMonth(from.getUTCMonth() + 1);
  if (to.getUTCDate() !== from.getUTCDate()) to.setUTCDate(0);
  return to.getTime();
}

/** Cents of a paid month that are not used yet, rounded down. */
export function unusedCents(paidCents: number, period: { readonly start: number; readonly end: number }, now: number) {
  const left = Math.max(0, period.end - now) / (period.end - period.start);
  return Math.floor(paidCents * Math.min(1, left));
}
