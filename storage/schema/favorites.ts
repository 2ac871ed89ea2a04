export interface FavoritesTable {
  operator_id: string;
  skill_id: string;
  created_at: number;
}
