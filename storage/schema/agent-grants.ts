export interface AgentGrantsTable {
  agent_id: string;
  connection_id: string;
  /** JSON array; `*` is every scope. */
  scopes: string;
}
