import type { RequestStatus } from "../../src/domain/market/skill-request.ts";

/** At most one an operator and version. */
export interface RatingsTable {
  skill_id: string;
  version_id: string;
  operator_id: string;
  /** The completed invocation that gave the right to rate. */
  invocation_id: string;
  rating: number;
  /** The price of that invocation, 0 when the platform took no commission of it. */
  paid_cents: number;
  created_at: number;
  updated_at: number;
}

/** Versions that an admin let pass. */
export interface ApprovedVersionsTable {
  version_id: string;
  approved_by: string;
  approved_at: number;
}

export interface FavoritesTable {
  operator_id: string;
  skill_id: string;
  created_at: number;
}

export interface SkillRequestsTable {
  id: string;
  operator_id: string;
  description: string;
  desired_input_schema: string | null;
  desired_output_schema: string | null;
  max_price_cents: number | null;
  /** JSON array of text. */
  tags: string;
  status: RequestStatus;
  created_at: number;
  updated_at: number;
}
