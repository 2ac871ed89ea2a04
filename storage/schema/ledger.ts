import type { Generated } from "kysely";

/** A ledger transaction. `(kind, ref)` is unique: the same movement cannot be recorded twice. */
export interface LedgerTxTable {
  id: string;
  kind: string;
  ref: string;
  sealed: number;
  created_at: number;
}

/** Append-only lines; those of a sealed transaction sum to zero. */
export interface LedgerEntriesTable {
  id: Generated<number>;
  tx_id: string;
  account_id: string;
  amount_cents: number;
}

export interface HoldsTable {
  id: string;
  /** The invocation it was taken for. */
  ref: string;
  account_id: string;
  amount_cents: number;
  state: "pending" | "settled" | "voided";
  created_at: number;
}
