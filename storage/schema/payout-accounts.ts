/** The accounts to which a processor brings publishers' earnings. */
export interface PayoutAccountsTable {
  operator_id: string;
  processor: string;
  account_ref: string;
  /** 1 when the processor knows enough of the account's owner to pay. */
  ready: number;
  created_at: number;
}
