export interface ReceiptsTable {
  invocation_id: string;
  /** RFC 8785 text. Its digest is in the audit row `audit_seq` of the buyer's chain. */
  facts: string;
  audit_seq: number;
  jws: string | null;
}
