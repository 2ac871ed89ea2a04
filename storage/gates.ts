import { assert } from "../src/shared/errors.ts";

/**
 * The owner of things that belong to no operator: signing keys. A transaction that decides about
 * them names it as it names an operator.
 */
export const INSTANCE = "instance";

/**
 * The operators whose decisions one transaction makes. Each operator's decisions are made one after
 * the other: a transaction that appends to an audit chain, moves money or ends invocations has
 * named the operator before its first statement. SQLite has one writer at a time and needs only
 * the check; a store with several writers locks the named operators.
 */
export class Gates {
  readonly #held: ReadonlySet<string> | "all";

  constructor(operatorIds: readonly string[] | "all") {
    this.#held = operatorIds === "all" ? "all" : new Set(operatorIds);
  }

  /** Throws for an operator that the transaction did not name: a programmer's mistake. */
  require(operatorId: string): void {
    const isHeld = this.#held === "all" || this.#held.has(operatorId);
    assert(isHeld, `a transaction that decides for ${operatorId} names it as a gate`);
  }
}
