/**
 * Work of many, one piece at a time. Those who wait are served in turn, however much one of them
 * brings.
 */
export class Lane {
  /** In the order of their turns; whoever was served goes to the end. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #isTaken = false;

  /** Pieces of work of one that wait. */
  waitingOf(who: string): number {
    return this.#waiting.get(who)?.length ?? 0;
  }

  async run<T>(who: string, work: () => Promise<T>): Promise<T> {
    if (this.#isTaken) await this.#turnOf(who);
    this.#isTaken = true;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  async #turnOf(who: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(who, [...(this.#waiting.get(who) ?? []), resolve]);
    return promise;
  }

  /** The lane goes from hand to hand: nobody who comes meanwhile is before those who wait. */
  #next(): void {
    const [first] = this.#waiting;
    if (!first) {
      this.#isTaken = false;
      return;
    }
    const [who, [begin, ...later]] = first;
    this.#waiting.delete(who);
    if (later.length > 0) this.#waiting.set(who, later);
    begin?.();
  }
}
