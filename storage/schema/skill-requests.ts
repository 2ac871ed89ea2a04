import type { RequestStatus } from "../../src/domain/market/skill-request.ts";

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
