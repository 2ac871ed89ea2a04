import type { AssuranceLevel, ClaimLayer } from "../../src/domain/identity/trust.ts";

export interface ClaimsTable {
  id: string;
  operator_id: string;
  claim_type: string;
  provider: string;
  layer: ClaimLayer;
  assurance_level: AssuranceLevel;
  /** The verification that proved it; null for a claim that the host gave. */
  verification_id: string | null;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
}
