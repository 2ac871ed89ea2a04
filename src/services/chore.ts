/**
 * Work that nobody asks for. Every process does it; guards and leases make sure that one of them
 * wins.
 */
export interface Chore {
  /** For the log. */
  readonly name: string;
  /** Milliseconds from one run to the next, at least the time between two passes. */
  readonly everyMs: number;
  /**
   * Milliseconds before the first run; left out: none. A process that only looks in has no time for
   * some.
   */
  readonly firstAfterMs?: number;
  run(): Promise<unknown>;
}
