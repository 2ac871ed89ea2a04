/** A run that is over, as it counts for a listing. */
export interface OverRun {
  readonly status: string;
  readonly buyer_id: string;
  readonly started_at: number;
  readonly completed_at: number;
}

export interface RecentRuns {
  readonly runs: number;
  readonly buyers: number;
  /** Share of the runs that were completed, between 0 and 1, two decimals. */
  readonly success_rate: number;
  /** From the start to the end of the completed ones; left out when none was completed. */
  readonly median_ms?: number;
}

/**
 * Tells what the last runs of others say of a skill; undefined when there are none. A cancelled run
 * says nothing.
 */
export function recentRuns(over: readonly OverRun[]): RecentRuns | undefined {
  const judged = over.filter(({ status }) => status === "completed" || status === "failed");
  if (judged.length === 0) return undefined;
  const completed = judged.filter(({ status }) => status === "completed");
  const times = completed.map((run) => run.completed_at - run.started_at).sort((a, b) => a - b);
  const median = times[Math.floor((times.length - 1) / 2)];
  return {
    runs: judged.length,
    buyers: new Set(judged.map(({ buyer_id }) => buyer_id)).size,
    success_rate: Math.round((completed.length / judged.length) * 100) / 100,
    median_ms: median,
  };
}
