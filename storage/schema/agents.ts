import type {
  AccountabilityMode,
  AlertAction,
  CredentialAccess,
  SkillAccessMode,
} from "../../src/domain/identity/agent.ts";

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
