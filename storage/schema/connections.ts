import type { ConnectionStatus } from "../../src/domain/identity/connection.ts";

/** A service that an operator connected. Its secret is sealed elsewhere. */
export interface ConnectionsTable {
  id: string;
  operator_id: string;
  /** Slug, unique among the operator's connections. */
  provider: string;
  display_name: string | null;
  /** JSON array of host patterns: the secret goes nowhere else. */
  hosts: string;
  /** JSON of ConnectionAuth. */
  auth: string;
  verify_url: string | null;
  status: ConnectionStatus;
  verified_at: number | null;
  created_at: number;
  updated_at: number;
}
