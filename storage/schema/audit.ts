export interface AuditLogTable {
  operator_id: string;
  seq: number;
  body: string;
  hash: string;
}

export interface AuditHeadsTable {
  operator_id: string;
  seq: number;
  hash: string;
}
