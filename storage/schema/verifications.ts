export interface VerificationsTable {
  id: string;
  operator_id: string;
  provider: string;
  /** The provider's name for it. */
  session_ref: string;
  /** JSON array. */
  claim_types: string;
  url: string | null;
  status: "started" | "verified" | "failed" | "completed";
  created_at: number;
  expires_at: number;
}
