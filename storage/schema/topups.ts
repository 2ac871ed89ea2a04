/**
 * A payment into a wallet. Pending ones are checkout sessions; `processor_event_id` makes sure that
 * each is paid once.
 */
export interface TopupsTable {
  id: string;
  operator_id: string;
  amount_cents: number;
  refunded_cents: number;
  processor: string;
  processor_event_id: string | null;
  /** The processor's own page, and its name for the payment: what a refund refers to. */
  processor_url: string | null;
  processor_ref: string | null;
  status: "pending" | "paid";
  created_at: number;
  expires_at: number;
  paid_at: number | null;
}
