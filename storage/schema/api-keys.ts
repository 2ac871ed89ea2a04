export interface ApiKeysTable {
  /** The public half of the key: it is part of the key's text. */
  id: string;
  operator_id: string;
  /** For people: what it is used for. */
  name: string;
  /** JSON of the scopes it is held to; null: whatever its operator may do. */
  scopes: string | null;
  /** HMAC-SHA256 of the whole key under the pepper, hexadecimal. */
  mac: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
}
