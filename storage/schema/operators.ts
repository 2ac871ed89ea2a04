import type { Plan } from "../../src/domain/money.ts";

export interface OperatorsTable {
  id: string;
  name: string;
  plan: Plan;
  /** 1 for the one operator that a caller without a key is. */
  is_local: number;
  is_admin: number;
  created_at: number;
}
