/** Versions that an admin let pass. */
export interface ApprovedVersionsTable {
  version_id: string;
  approved_by: string;
  approved_at: number;
}
