/** A ledger transaction. `(kind, ref)` is unique: the same movement cannot be recorded twice. */
export interface LedgerTxTable {
  id: string;
  kind: string;
  ref: string;
  sealed: number;
  created_at: number;
}
