import type { Store } from "../../../../storage/store.ts";
import type { Clock, Timer } from "../../../shared/clock.ts";
import { LIMITS } from "../../../shared/limits.ts";
import type { Logger } from "../../../shared/logger.ts";

export interface LeaseKeeperParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** The name of this process on its leases. */
  readonly owner: string;
  /** Ids of the invocations that run here and are not known to be lost. */
  readonly held: () => readonly string[];
  readonly onLost: (invocationId: string) => void;
}

/** After many changes at once there is one look. */
const LOOK_AGAIN_MS = 5;

/**
 * Renews the leases of runs in this process, and finds lost leases: cancelled or lapsed ones.
 */
export class LeaseKeeper {
  readonly #parts: LeaseKeeperParts;
  #mayBeLost = false;
  #lookTimer: Timer | undefined;

  constructor(parts: LeaseKeeperParts) {
    this.#parts = parts;
  }

  /** Returns the end of a lease that is taken or renewed now. */
  until(): number {
    return this.#parts.clock.now() + LIMITS.sealedLeaseMs;
  }

  stop(): void {
    this.#lookTimer?.cancel();
  }

  async renew(): Promise<void> {
    const { store, log, owner, held } = this.#parts;
    const ids = held();
    if (ids.length === 0) return;
    await store
      .transact([], (t) => t.invocations.renewLeases(ids, owner, this.until()))
      .catch((error: unknown) => log.error({ err: error }, "renewing leases failed"));
  }

  /** Looks for lost leases at the first change, and then not at each of many. */
  look(): void {
    if (this.#parts.held().length === 0) return;
    this.#mayBeLost = true;
    if (this.#lookTimer) return;
    const look = () => {
      this.#lookTimer = undefined;
      if (!this.#mayBeLost) return;
      this.#mayBeLost = false;
      void this.#giveUpLost();
      this.#lookTimer = this.#parts.clock.after(LOOK_AGAIN_MS, look, "background");
    };
    look();
  }

  async #giveUpLost(): Promise<void> {
    const { store, log, owner, held, onLost } = this.#parts;
    const ids = held();
    if (ids.length === 0) return;
    const still = await store
      .read((r) => r.invocations.heldBy(owner, ids))
      .catch((error: unknown) => log.error({ err: error }, "looking for ended work failed"));
    if (!still) return;
    const running = held();
    for (const id of ids) {
      if (still.includes(id) || !running.includes(id)) continue;
      log.info(
        { invocation_id: id },
        "the lease was lost, or the invocation cancelled: its run is given up",
      );
      onLost(id);
    }
  }
}
