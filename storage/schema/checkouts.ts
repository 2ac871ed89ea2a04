import type { CheckoutBucket, CheckoutStatus } from "../../src/domain/identity/passport.ts";

export interface CheckoutsTable {
  id: string;
  operator_id: string;
  agent_id: string;
  jti: string;
  bucket: CheckoutBucket;
  /** JSON array of sentences. */
  findings: string;
  status: CheckoutStatus;
  created_at: number;
  reviewed_at: number | null;
}
