/**
 * Wallets and earnings; platform accounts are summed from their entries instead of being kept here.
 */
export interface AccountsTable {
  id: string;
  owner_id: string;
  /** 1: posted − held may not fall below zero. */
  guarded: number;
  posted_cents: number;
  held_cents: number;
}
