/** What one process at a time may do, until it is done or its time is over. */
export interface LeasesTable {
  name: string;
  /** Names one taking of it. */
  owner: string;
  expires_at: number;
}
