export interface AuditLogTable {
  operator_id: string;
  seq: number;
  body: string;
  hash: string;
}
