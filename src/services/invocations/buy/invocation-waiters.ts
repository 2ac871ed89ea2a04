import type { InvocationState } from "../../../../storage/repositories/invocations.ts";
import type { Store } from "../../../../storage/store.ts";
import type { Clock } from "../../../shared/clock.ts";

interface Waiter {
  readonly known: string;
  readonly wake: () => void;
}

/** Loops look again at least this often, should nothing be heard. */
const AT_LEAST_MS = 1_000;

/** Those who wait for invocations to change. However many they are, a change of the database costs one look. */
export class InvocationWaiters {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<Waiter>>();
  #idle = new AbortController();
  #isLooking = false;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Resolves when the invocation is no longer as it was at `mark`, after `timeoutMs`, or when the signal aborts. `mark` was
   * taken before the state was read.
   */
  async next(
    state: InvocationState,
    mark: number,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted || mark !== this.#store.changes.mark()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const follower = { known: stateOf(state), wake: () => resolve() };
    const timer = this.#clock.after(timeoutMs, resolve);
    signal.addEventListener("abort", follower.wake);
    this.#add(state.id, follower);
    await promise;
    timer.cancel();
    signal.removeEventListener("abort", follower.wake);
    this.#remove(state.id, follower);
  }

  #add(id: string, follower: Waiter): void {
    const others = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, others.add(follower));
    if (!this.#isLooking) void this.#look();
  }

  #remove(id: string, follower: Waiter): void {
    const others = this.#waiting.get(id);
    others?.delete(follower);
    if (others?.size === 0) this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#idle.abort();
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    const { changes } = this.#store;
    while (this.#waiting.size > 0) {
      this.#idle = new AbortController();
      const mark = changes.mark();
      const states = await this.#store
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
