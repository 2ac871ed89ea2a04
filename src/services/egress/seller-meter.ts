import type { OwnedCredential } from "../../domain/identity/connection.ts";
import type { SellerBounds } from "../../domain/runs/metering.ts";
import { EgressError } from "../../egress/egress-error.ts";

/** Counts what one run calls with its publisher's credentials, and what that costs. */
export class SellerMeter {
  readonly #bounds: SellerBounds;
  #calls = 0;
  #cents = 0;
  #pendingCents = 0;

  constructor(bounds: SellerBounds) {
    this.#bounds = bounds;
  }

  /** Cost of the calls that were answered, without the 15 %. */
  get cents(): number {
    return this.#cents;
  }

  /**
   * Makes a call within the bounds and charges for the answered requests. `take` is called before
   * each request that carries the credential, redirects included. Requests in flight count too, so
   * that parallel requests stay within the bounds.
   */
  async charge<T>(needed: OwnedCredential, call: (take: () => void) => Promise<T>): Promise<T> {
    if (needed.provided_by === "buyer") return call(() => {});
    const cost = needed.cost_cents_per_call ?? 0;
    let taken = 0;
    let answered = 0;
    const take = () => {
      this.#takeCall(cost);
      answered = taken++;
    };
    try {
      const answer = await call(take);
      answered = taken;
      return answer;
    } finally {
      this.#pendingCents -= cost * taken;
      this.#cents += cost * answered;
    }
  }

  #takeCall(cost: number): void {
    const { maxCalls, maxCostCents } = this.#bounds;
    const tooMany = this.#calls >= maxCalls;
    if (tooMany || this.#cents + this.#pendingCents + cost > maxCostCents) {
      const bound = tooMany ? `${maxCalls} calls` : `${maxCostCents} cents`;
      throw new EgressError(
        "SERVICE_LIMIT",
        `proxy_fetch: one run has at most ${bound} with the publisher's credentials.`,
      );
    }
    this.#calls++;
    this.#pendingCents += cost;
  }
}
