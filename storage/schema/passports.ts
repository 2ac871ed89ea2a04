import type { AccountabilityMode } from "../../src/domain/identity/agent.ts";

export interface PassportsTable {
  jti: string;
  operator_id: string;
  agent_id: string;
  session_id: string;
  parent_jti: string | null;
  /** 0 for one that was issued, and one more for each delegation. */
  depth: number;
  issuer: string;
  /** JSON of PassportService[]. */
  services: string;
  /** JSON array of claim ids. */
  claim_ids: string;
  /** JSON of Intent. */
  intent: string | null;
  accountability: AccountabilityMode;
  /** Seconds. */
  checkpoint_interval: number | null;
  /** JSON of Mandate. */
  mandate: string | null;
  max_total_cents: number | null;
  /** Held or charged under it and all its descendants. */
  spent_cents: number;
  mission_id: string | null;
  issued_at: number;
  /** Of the newest token. */
  expires_at: number;
  /** The latest end that any token of it was ever signed with. */
  signed_until: number;
  /** Checkpoints extend `expires_at` to here and no further. */
  ends_at: number;
  checked_out_at: number | null;
  revoked_at: number | null;
  revoke_reason: string | null;
}
