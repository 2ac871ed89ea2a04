import type { Generated } from "kysely";

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
