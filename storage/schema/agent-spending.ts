export interface AgentSpendingTable {
  agent_id: string;
  /** A UTC day or a UTC month. */
  period: string;
  /** Held or charged. */
  cents: number;
  /** The highest threshold of the agent's budget that its operator was told of. */
  alarmed_percent: number;
}
