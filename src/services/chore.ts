/**
 * Periodic work without a caller. Every process does it; guards and leases let one process win.
 */
export interface Chore {
  /** For the log. */
  readonly name: string;
  /** Milliseconds from one run to the next, at least the time between two passes. */
  readonly everyMs: number;
  /**
   * Milliseconds before the first run; left out: none. A delay keeps the chore out of short-lived
   * processes.
   */
  readonly firstAfterMs?: number;
  run(): Promise<unknown>;
}
