import type { Clock, Timer } from "../../shared/clock.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { Logger } from "../../shared/logger.ts";

/** Work that nobody asks for. Every process does it; guards and leases make sure that one of them wins. */
export interface Chore {
  /** For the log. */
  readonly name: string;
  /** Milliseconds from one run to the next, at least the time between two passes. */
  readonly everyMs: number;
  /** Milliseconds before the first run; left out: none. A process that only looks in has no time for some. */
  readonly firstAfterMs?: number;
  run(): Promise<unknown>;
}

export interface SchedulerParts {
  readonly chores: readonly Chore[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** Runs chores, one after the other, in passes. A chore that fails keeps no other from its turn. */
export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #dueAt = new Map<Chore, number>();
  #timer: Timer | undefined;
  #isRunning = false;
  #isStopped = false;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
  }

  start(): void {
    const pass = () => void this.#passAlone();
    this.#timer = this.#parts.clock.every(LIMITS.sweepMs, pass);
    pass();
  }

  /** No further chore begins; one that runs runs to its end. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** One pass: runs what is due before the next one. */
  async pass(): Promise<void> {
    const { chores, clock, log } = this.#parts;
    for (const chore of chores) {
      if (this.#isStopped) return;
      const now = clock.now();
      const dueAt = this.#dueAt.get(chore) ?? now + (chore.firstAfterMs ?? 0);
      const isDue = dueAt <= now;
      this.#dueAt.set(chore, isDue ? now + chore.everyMs - LIMITS.sweepMs : dueAt);
      if (!isDue) continue;
      await chore.run().catch((error: unknown) => log.error({ err: error, chore: chore.name }, "a chore failed"));
    }
  }

  /** A pass that takes longer than the time between two is not overtaken. */
  async #passAlone(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    await this.pass();
    this.#isRunning = false;
  }
}
