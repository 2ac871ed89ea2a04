import type { Plan } from "../../src/domain/money/money.ts";

export interface OperatorsTable {
  id: string;
  name: string;
  plan: Plan;
  /** 1 for the one operator that a caller without a key is. */
  is_local: number;
  is_admin: number;
  /** 1 for a publisher of the example marketplace. */
  is_example: number;
  /** Its name as the eye may take it. */
  skeleton: string;
  /** The plan that the host gave: a plan that lapses falls back to it. */
  base_plan: Plan;
  /** The beginning of the paid months; each ends on this day of its month. */
  period_anchor: number | null;
  /**
   * A plan that was subscribed to ends here and is renewed, or gives way to `next_plan`. Null:
   * given by the host.
   */
  period_end: number | null;
  period_start: number | null;
  next_plan: Plan | null;
  /** Since when its host lets it do nothing. */
  suspended_at: number | null;
  /** Since when it is gone: its name is none, and nothing tells who it was. */
  deleted_at: number | null;
  created_at: number;
}
