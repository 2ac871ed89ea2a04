/** One row: what this database is. */
export interface InstanceTable {
  id: string;
  /** Play money and live money never meet in one database. */
  stamp: "play" | "live";
  key_store: "environment" | "keychain" | "file";
  /** Of the key-encryption key: another key is refused. */
  key_fingerprint: string;
  created_at: number;
}
