/** The platform's cost of an operator's unpaid runs on one UTC day, running ones at their most. */
export interface FreeComputeTable {
  operator_id: string;
  /** Days since the epoch. */
  day: number;
  micro_usd: number;
  runs: number;
}
