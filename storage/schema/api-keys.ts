export interface ApiKeysTable {
  /** The public half of the key: it is part of the key's text. */
  id: string;
  operator_id: string;
  /** HMAC-SHA256 of the whole key under the pepper, hexadecimal. */
  mac: string;
  created_at: number;
  revoked_at: number | null;
}
