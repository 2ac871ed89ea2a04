import type { Clock, Timer } from "../../shared/clock.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { Logger } from "../../shared/logger.ts";
import type { Chore } from "../chore.ts";

export interface SchedulerParts {
  readonly chores: readonly Chore[];
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Runs chores in passes. A chore that fails, or takes long, does not delay the others, and never
 * runs twice at once.
 */
export class Scheduler {
  readonly #parts: SchedulerParts;
  /** By the clock that only grows. */
  readonly #dueAt = new Map<Chore, number>();
  readonly #running = new Set<Chore>();
  #timer: Timer | undefined;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
  }

  start(): void {
    const pass = () => void this.pass();
    this.#timer = this.#parts.clock.every(LIMITS.sweepMs, pass);
    pass();
  }

  /** Starts no further chore. A running chore continues to its end. */
  stop(): void {
    this.#timer?.cancel();
  }

  /** Makes one pass: starts the chores due before the next pass. Resolves when they have ended. */
  async pass(): Promise<void> {
    const due = this.#parts.chores.filter(
      (chore) => this.#isDue(chore) && !this.#running.has(chore),
    );
    await Promise.all(due.map((chore) => this.#run(chore)));
  }

  #isDue(chore: Chore): boolean {
    const now = this.#parts.clock.elapsed();
    const dueAt = this.#dueAt.get(chore) ?? now + (chore.firstAfterMs ?? 0);
    this.#dueAt.set(chore, dueAt);
    return dueAt <= now;
  }

  async #run(chore: Chore): Promise<void> {
    const { clock, log } = this.#parts;
    this.#running.add(chore);
    this.#dueAt.set(chore, clock.elapsed() + chore.everyMs - LIMITS.sweepMs);
    try {
      await chore.run();
    } catch (error) {
      log.error({ err: error, chore: chore.name }, "a chore failed");
    } finally {
      this.#running.delete(chore);
    }
  }
}
