import type {
  ExecutionMode,
  ReviewMode,
  SkillStatus,
  TrustLevel,
} from "../../src/domain/market/skill.ts";

/**
 * The listing. Mode, trust level, price and field names are those of the current version, kept here
 * to search by.
 */
export interface SkillsTable {
  id: string;
  /** Grows with each new skill; the full-text index knows a skill by it. */
  seq: number;
  publisher_id: string;
  agent_id: string | null;
  name: string;
  description: string;
  /** JSON array of text. */
  tags: string;
  status: SkillStatus;
  /** The status before the host suspended its publisher; null where the host did not. */
  status_before: SkillStatus | null;
  version_id: string;
  version: string;
  execution_mode: ExecutionMode;
  trust_level_required: TrustLevel;
  price_cents: number;
  /** Name, description and tags as they are looked up. */
  found_name: string;
  found_description: string;
  found_tags: string;
  found_publisher: string;
  /** Its name as the eye may take it. */
  skeleton: string;
  /** Names of the properties of input_schema, blank between. */
  input_fields: string;
  output_fields: string;
  accepts_requests: number;
  /** JSON that fits input_schema, for people and models to begin with. */
  example_input: string | null;
  /** JSON that fits output_schema. */
  example_output: string | null;
  review: ReviewMode;
  approved_version_id: string | null;
  /** 1: an admin has rejected a version once, so every one is reviewed. */
  review_locked: number;
  /** 1: its publisher wants it to be reached by id alone. */
  unlisted: number;
  /** Others may not pin a version below this one. */
  min_version: string | null;
  rejection_reason: string | null;
  invocation_count: number;
  rating_count: number;
  average_rating: number | null;
  rating_score: number;
  created_at: number;
  updated_at: number;
}
