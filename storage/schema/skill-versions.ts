import type { CredentialMode, ExecutionMode, TrustLevel } from "../../src/domain/market/skill.ts";

/** Immutable. What the steps say is sealed elsewhere; `pipeline` is their plan in clear. */
export interface SkillVersionsTable {
  id: string;
  skill_id: string;
  version: string;
  digest: string;
  execution_mode: ExecutionMode;
  credential_mode: CredentialMode;
  trust_level_required: TrustLevel;
  price_cents: number;
  invocation_ttl_seconds: number;
  input_schema: string;
  output_schema: string;
  pipeline: string;
  /** JSON array. */
  required_credentials: string;
  /** JSON object. */
  seller_credential_limit: string | null;
  /** JSON array of host patterns. */
  egress_hosts: string;
  /** 1: its answer depends on the moment. */
  volatile: number;
  /** JSON object: a sentence for each code. */
  refusals: string;
  created_at: number;
}
