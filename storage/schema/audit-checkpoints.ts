export interface AuditCheckpointsTable {
  operator_id: string;
  seq: number;
  hash: string;
  jws: string;
  created_at: number;
}
