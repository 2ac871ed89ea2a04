export interface EnrolmentChallengesTable {
  id: string;
  agent_id: string;
  challenge: string;
  expires_at: number;
}
