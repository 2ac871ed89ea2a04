export interface RefundsTable {
  id: string;
  /** One request can give back parts of several top-ups. */
  request_id: string;
  topup_id: string;
  amount_cents: number;
  created_at: number;
}
