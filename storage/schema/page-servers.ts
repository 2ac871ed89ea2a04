/** A process of this database that serves pages, under a lease. */
export interface PageServersTable {
  id: string;
  /** Without a slash at the end. */
  url: string;
  expires_at: number;
}
