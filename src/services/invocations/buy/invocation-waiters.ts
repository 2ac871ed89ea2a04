import type { InvocationState } from "../../../../storage/repositories/invocations.ts";
import type { Store } from "../../../../storage/store.ts";
import type { Clock } from "../../../shared/clock.ts";

interface Waiter {
  readonly known: string;
  readonly wake: () => void;
}

/** Loops look again at least this often, should nothing be heard. */
const AT_LEAST_MS = 1_000;

export interface InvocationWaitersParts {
  readonly store: Store;
  readonly clock: Clock;
}

/**
 * Callers that wait for invocations to change. A change of the database costs one query for all of
 * them.
 */
export class InvocationWaiters {
  readonly #parts: InvocationWaitersParts;
  readonly #waiting = new Map<string, Set<Waiter>>();
  #idle = new AbortController();
  #isLooking = false;

  constructor(parts: InvocationWaitersParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the invocation differs from its state at `mark`, after `timeoutMs`, or when the
   * signal aborts. Callers take `mark` before they read the state.
   */
  async next(
    state: InvocationState,
    mark: number,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted || mark !== this.#parts.store.changes.mark()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = { known: stateOf(state), wake: () => resolve() };
    const timer = this.#parts.clock.after(timeoutMs, resolve);
    signal.addEventListener("abort", waiter.wake);
    this.#add(state.id, waiter);
    await promise;
    timer.cancel();
    signal.removeEventListener("abort", waiter.wake);
    this.#remove(state.id, waiter);
  }

  #add(id: string, waiter: Waiter): void {
    const others = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, others.add(waiter));
    if (!this.#isLooking) void this.#look();
  }

  #remove(id: string, waiter: Waiter): void {
    const others = this.#waiting.get(id);
    others?.delete(waiter);
    if (others?.size === 0) this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#idle.abort();
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    const { changes } = this.#parts.store;
    while (this.#waiting.size > 0) {
      this.#idle = new AbortController();
      const mark = changes.mark();
      const states = await this.#parts.store
        .read((r) => r.invocations.states([...this.#waiting.keys()]))
        .catch(() => []);
      for (const state of states) this.#wake(state);
      await changes.next(mark, AT_LEAST_MS, this.#idle.signal);
    }
    this.#isLooking = false;
  }

  #wake(state: InvocationState): void {
    const now = stateOf(state);
    for (const { known, wake } of this.#waiting.get(state.id) ?? []) if (known !== now) wake();
  }
}

function stateOf({ status, progress }: InvocationState): string {
  return `${status} ${progress}`;
}
