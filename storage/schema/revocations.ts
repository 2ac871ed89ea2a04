import type { Generated } from "kysely";

export interface RevocationsTable {
  seq: Generated<number>;
  operator_id: string;
  type: string;
  /** The target: a jti, an agent, a session, a claim or the operator. */
  target: string;
  /** JSON array of all passports that it ended. */
  jtis: string;
  reason: string | null;
  created_at: number;
}
