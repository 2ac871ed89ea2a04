export interface SpentRequestsTable {
  agent_id: string;
  jti: string;
  expires_at: number;
}
