import type { Split } from "../money/money.ts";

/**
 * The part of a receipt that says who was paid what, in cents; all zero for what was not charged.
 */
export function splitPart(split: Split | undefined) {
  return {
    charged_cents: split
      ? split.priceCents + split.computeCents + split.serviceCents + split.serviceMarkupCents
      : 0,
    price_cents: split?.priceCents ?? 0,
    compute_cents: split?.computeCents ?? 0,
    service_cents: split?.serviceCents ?? 0,
    service_markup_cents: split?.serviceMarkupCents ?? 0,
    publisher_cents: split?.publisherCents ?? 0,
    commission_cents: split?.commissionCents ?? 0,
    compute_recovery_cents: split?.recoveryCents ?? 0,
    compute_markup_cents: split?.markupCents ?? 0,
  };
}
