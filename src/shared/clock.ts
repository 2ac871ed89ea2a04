/**
 * Time, and waiting for it. Injected, so that a lease can lapse in a test without waiting for it;
 * `systemClock` is the one reader of the system's time and the one maker of timers, which the
 * linter forbids everywhere else.
 */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /**
   * Milliseconds that only grow, whatever becomes of the wall clock: for durations and deadlines
   * within this process.
   */
  elapsed(): number;
  /** Waits `ms`, less when the signal aborts. Keeps the process alive. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once, after `ms`. A timer in the background does not keep the process alive. */
  after(ms: number, work: () => void, kind?: "background"): Timer;
  /** Calls back every `ms`, in the background. */
  every(ms: number, work: () => void): Timer;
  /** Aborts after `ms`, in the background. */
  deadline(ms: number): AbortSignal;
}

export interface Timer {
  /** Does nothing once it is over. */
  cancel(): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  async sleep(ms, signal) {
    if (signal?.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const onAbort = () => resolve();
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
    await promise;
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  },
  after(ms, work, kind) {
    const timer = setTimeout(work, ms);
    if (kind === "background") timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  every(ms, work) {
    const timer = setInterval(work, ms).unref();
    return { cancel: () => clearInterval(timer) };
  },
  deadline: (ms) => AbortSignal.timeout(ms),
};

/** Lets everything that waits for the event loop go first. */
export function yieldToOthers(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** Whole UTC days since the epoch. */
export function dayOf(time: number): number {
  return Math.floor(time / 86_400_000);
}
