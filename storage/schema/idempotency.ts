export interface IdempotencyTable {
  operator_id: string;
  operation: string;
  key: string;
  request_digest: string;
  /** The id of what the first request made. */
  subject_id: string;
  expires_at: number;
}
