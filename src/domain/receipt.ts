import type { Split } from "./money.ts";

/** Who was paid what, in cents; `ledger_tx` and `hold` name the rows. */
export interface ReceiptMoney {
  readonly hold: string;
  readonly hold_cents: number;
  readonly ledger_tx: string | null;
  readonly charged_cents: number;
  readonly price_cents: number;
  readonly compute_cents: number;
  readonly compute_micro_usd: number;
  readonly service_cents: number;
  readonly service_markup_cents: number;
  readonly publisher_cents: number;
  readonly commission_cents: number;
  readonly compute_recovery_cents: number;
  readonly compute_markup_cents: number;
}

/** The part of a receipt that says how the price was split; all zero for what was not charged. */
export function splitPart(split: Split | undefined) {
  return {
    charged_cents: split ? split.priceCents + split.computeCents + split.serviceCents + split.serviceMarkupCents : 0,
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
