export interface MissionsTable {
  id: string;
  operator_id: string;
  agent_id: string;
  jti: string;
  created_at: number;
}
