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

export interface RefundsTable {
  id: string;
  /** One request can give back parts of several top-ups. */
  request_id: string;
  topup_id: string;
  amount_cents: number;
  created_at: number;
}

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

/** Refunds that a processor has taken. */
export interface SentRefundsTable {
  refund_id: string;
  sent_at: number;
}

/** The accounts to which a processor brings publishers' earnings. */
export interface PayoutAccountsTable {
  operator_id: string;
  processor: string;
  account_ref: string;
  /** 1 when the processor knows enough of the account's owner to pay. */
  ready: number;
  created_at: number;
}

/** The platform's cost of an operator's unpaid runs on one UTC day, running ones at their most. */
export interface FreeComputeTable {
  operator_id: string;
  /** Days since the epoch. */
  day: number;
  micro_usd: number;
  runs: number;
}
