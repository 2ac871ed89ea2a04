export interface ClaimsTable {
  id: string;
  operator_id: string;
  claim_type: string;
  provider: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
}
