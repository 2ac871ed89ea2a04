export interface HoldsTable {
  id: string;
  /** The invocation it was taken for. */
  ref: string;
  account_id: string;
  amount_cents: number;
  state: "pending" | "settled" | "voided";
  created_at: number;
}
