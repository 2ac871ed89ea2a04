import type { Generated } from "kysely";

/** Append-only lines; those of a sealed transaction sum to zero. */
export interface LedgerEntriesTable {
  id: Generated<number>;
  tx_id: string;
  account_id: string;
  amount_cents: number;
}
