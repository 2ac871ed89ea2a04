import type { ExecutionMode, SkillStatus, TrustLevel } from "../../src/domain/skill.ts";

export interface SkillsTable {
  id: string;
  publisher_id: string;
  agent_id: string | null;
  name: string;
  description: string;
  /** JSON array of text. */
  tags: string;
  status: SkillStatus;
  version_id: string;
  invocation_count: number;
  created_at: number;
  updated_at: number;
}

/** Immutable. What the steps say is sealed elsewhere; `pipeline` is their plan in clear. */
export interface SkillVersionsTable {
  id: string;
  skill_id: string;
  version: string;
  digest: string;
  execution_mode: ExecutionMode;
  credential_mode: string;
  trust_level_required: TrustLevel;
  price_cents: number;
  invocation_ttl_seconds: number;
  input_schema: string;
  output_schema: string;
  pipeline: string;
  created_at: number;
}
