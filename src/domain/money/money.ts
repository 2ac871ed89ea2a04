import { assert } from "../../shared/errors.ts";

export const PLANS = ["free", "developer", "studio", "enterprise"] as const;
export type Plan = (typeof PLANS)[number];

const COMMISSION_PERCENT: Readonly<Record<Plan, number>> = {
  free: 30,
  developer: 20,
  studio: 15,
  enterprise: 10,
};
const COMPUTE_MARKUP_PERCENT = 15;
const SERVICE_MARKUP_PERCENT = 15;
const MICRO_USD_PER_CENT = 10_000;

/** The division of one settled invocation, all in cents. */
export interface Split {
  readonly priceCents: number;
  /** The buyer's charge for compute, never above the reserve. */
  readonly computeCents: number;
  readonly commissionCents: number;
  readonly publisherCents: number;
  /**
   * Cost of calls with the publisher's credentials, which the publisher gets, and the platform's 15
   * % on it.
   */
  readonly serviceCents: number;
  readonly serviceMarkupCents: number;
  readonly recoveryCents: number;
  readonly markupCents: number;
  /** Compute that the reserve did not cover: the platform's loss. */
  readonly overrunCents: number;
  /** Compute of a free skill: the platform's gift. */
  readonly absorbedCents: number;
}

/**
 * Commission at settlement, rounded half up. The publisher gets the rest, so that nothing is lost
 * to rounding.
 */
function commissionCents(priceCents: number, plan: Plan): number {
  return Math.floor((priceCents * COMMISSION_PERCENT[plan] + 50) / 100);
}

/**
 * Cents a buyer is charged for metered compute: cost plus 15 %, rounded up, at least 1 for a run
 * that used any.
 */
export function computeChargeCents(microUsd: number): number {
  return Math.ceil((microUsd * (100 + COMPUTE_MARKUP_PERCENT)) / (100 * MICRO_USD_PER_CENT));
}

/**
 * Returns the platform's share on the cost of a publisher's credentials: 15 %, rounded up to a
 * cent.
 */
export function serviceMarkupCents(serviceCents: number): number {
  return Math.ceil((serviceCents * SERVICE_MARKUP_PERCENT) / 100);
}

/** All that leaves the buyer's wallet. */
export function paidCents(split: Split): number {
  return split.priceCents + split.computeCents + split.serviceCents + split.serviceMarkupCents;
}

/**
 * The split of a settled invocation: price, compute and calls leave the wallet, and publisher,
 * commission, recovery and markups receive exactly that. Rules: charged = ceil(µ$ × 1.15 / 10,000),
 * capped by the reserve; recovery = min(charged, ceil(µ$ / 10,000)); a free skill costs its buyer
 * nothing.
 */
export function splitSettlement(run: {
  readonly priceCents: number;
  readonly plan: Plan;
  readonly computeMicroUsd: number;
  readonly reserveCents: number;
  /** Cost of calls with the publisher's credentials, within what was held for it. */
  readonly serviceCents: number;
}): Split {
  const costCents = Math.ceil(run.computeMicroUsd / MICRO_USD_PER_CENT);
  const free = run.priceCents === 0;
  const computeCents = free
    ? 0
    : Math.min(computeChargeCents(run.computeMicroUsd), run.reserveCents);
  const recoveryCents = Math.min(computeCents, costCents);
  const commission = commissionCents(run.priceCents, run.plan);
  const split = {
    priceCents: run.priceCents,
    computeCents,
    commissionCents: commission,
    publisherCents: run.priceCents - commission,
    serviceCents: run.serviceCents,
    serviceMarkupCents: serviceMarkupCents(run.serviceCents),
    recoveryCents,
    markupCents: computeCents - recoveryCents,
    overrunCents: free ? 0 : costCents - recoveryCents,
    absorbedCents: free ? costCents : 0,
  };
  assert(
    paidCents(split) ===
      split.publisherCents +
        split.commissionCents +
        split.recoveryCents +
        split.markupCents +
        split.serviceCents +
        split.serviceMarkupCents,
    "a split gives out what it takes in",
  );
  return split;
}
