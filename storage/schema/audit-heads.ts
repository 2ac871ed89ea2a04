export interface AuditHeadsTable {
  operator_id: string;
  seq: number;
  hash: string;
}
