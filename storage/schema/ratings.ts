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
