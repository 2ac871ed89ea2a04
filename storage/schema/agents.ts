import type { Generated } from "kysely";
import type {
  AccountabilityMode,
  AlertAction,
  CredentialAccess,
  SkillAccessMode,
} from "../../src/domain/identity/agent.ts";
import type { CheckoutBucket, CheckoutStatus } from "../../src/domain/identity/passport.ts";

export interface AgentsTable {
  id: string;
  operator_id: string;
  /** Unique among those of its operator that are not deleted. */
  name: string;
  description: string | null;
  status: "active" | "suspended";
  accountability_mode: AccountabilityMode;
  on_warning: AlertAction;
  on_critical: AlertAction;
  credential_access: CredentialAccess;
  skill_access_mode: SkillAccessMode;
  /** JSON array of skill ids. */
  allowed_skills: string;
  icon_url: string | null;
  /** JSON of a Budget; null where it has none. */
  budget: string | null;
  passport_blocked: number;
  /** JSON of an Ed25519 public JWK; null until the agent is enrolled. */
  public_key: string | null;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
}

export interface AgentSpendingTable {
  agent_id: string;
  /** A UTC day or a UTC month. */
  period: string;
  /** Held or charged. */
  cents: number;
  /** The highest threshold of the agent's budget that its operator was told of. */
  alarmed_percent: number;
}

export interface AgentGrantsTable {
  agent_id: string;
  connection_id: string;
  /** JSON array; `*` is every scope. */
  scopes: string;
}

export interface EnrolmentChallengesTable {
  id: string;
  agent_id: string;
  challenge: string;
  expires_at: number;
}

export interface SpentRequestsTable {
  agent_id: string;
  jti: string;
  expires_at: number;
}

/** Private halves are sealed elsewhere. `next` is published before it signs. */
export interface SigningKeysTable {
  kid: string;
  /** JSON of an Ed25519 public JWK. */
  public_jwk: string;
  status: "next" | "active" | "retired";
  created_at: number;
  retired_at: number | null;
}

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

export interface RevocationsTable {
  seq: Generated<number>;
  operator_id: string;
  type: string;
  /** The target: a jti, an agent, a session, a claim or the operator. */
  target: string;
  /** JSON array of all passports that it ended. */
  jtis: string;
  reason: string | null;
  created_at: number;
}

export interface CheckpointsTable {
  id: Generated<number>;
  jti: string;
  /** JSON array of service names. */
  services_used: string;
  actions_count: number;
  /** JSON array: those of `services_used` that the intent does not name. */
  undeclared: string;
  created_at: number;
}

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

export interface MissionsTable {
  id: string;
  operator_id: string;
  agent_id: string;
  jti: string;
  created_at: number;
}

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

export interface ReceiptsTable {
  invocation_id: string;
  /** RFC 8785 text. Its digest is in the audit row `audit_seq` of the buyer's chain. */
  facts: string;
  audit_seq: number;
  jws: string | null;
}

export interface AuditCheckpointsTable {
  operator_id: string;
  seq: number;
  hash: string;
  jws: string;
  created_at: number;
}
