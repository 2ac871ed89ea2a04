/** Work of one process at a time, until it is done or its time is over. */
export interface LeasesTable {
  name: string;
  /** Names one taking of it. */
  owner: string;
  expires_at: number;
}
