/** Private halves are sealed elsewhere. `next` is published before it signs. */
export interface SigningKeysTable {
  kid: string;
  /** JSON of an Ed25519 public JWK. */
  public_jwk: string;
  status: "next" | "active" | "retired";
  created_at: number;
  retired_at: number | null;
}
