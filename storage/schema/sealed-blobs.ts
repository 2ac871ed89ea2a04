/**
 * Everything secret at rest. Rotating the key-encryption key rewrites `wrapped_key` here and
 * touches nothing else.
 */
export interface SealedBlobsTable {
  /** `table:id:column` of what it belongs to; bound to the ciphertext as additional data. */
  owner: string;
  wrapped_key: Buffer;
  ciphertext: Buffer;
}
