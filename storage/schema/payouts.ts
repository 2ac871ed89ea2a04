/** One a publisher and month. */
export interface PayoutsTable {
  id: string;
  publisher_id: string;
  /** `YYYY-MM`: the month on whose first day it is due. */
  period: string;
  amount_cents: number;
  processor: string;
  /** The processor's name for the transfer, once it took it. */
  processor_ref: string | null;
  status: "in_transit" | "paid";
  created_at: number;
  paid_at: number | null;
}
