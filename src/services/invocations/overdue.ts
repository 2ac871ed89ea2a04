import type { Invocation } from "../../../storage/repositories/invocations.ts";
import type { Store, Transaction } from "../../../storage/store.ts";
import { isRunHere } from "../../domain/skill.ts";
import type { Clock } from "../../shared/clock.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { Logger } from "../../shared/logger.ts";
import type { Chore } from "../chores/scheduler.ts";
import { cancelInvocation, expireInvocation, failInvocation, NO_LEASE } from "./endings.ts";

export interface OverdueParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Ends what its process or its provider left behind. Lapsed sealed work is lost, lapsed open work is open again, expired work
 * is over.
 */
export class OverdueInvocations {
  readonly chores: readonly Chore[] = [
    { name: "end overdue invocations", everyMs: LIMITS.sweepMs, run: () => this.endAll() },
  ];
  readonly #parts: OverdueParts;

  constructor(parts: OverdueParts) {
    this.#parts = parts;
  }

  async endAll(): Promise<void> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const { lapsed, expired } = await store.read(async (r) => ({
      lapsed: await r.invocations.listLapsed(now),
      expired: await r.invocations.listExpired(now),
    }));
    for (const invocation of lapsed) await this.#end(invocation, () => this.#endLapsed(invocation, now));
    for (const invocation of expired) {
      await this.#end(invocation, () =>
        store.transact([invocation.buyer_id], (t) => expireInvocation(t, invocation, { status: "pending" }, now)),
      );
    }
  }

  /** A row that cannot be ended does not keep the others waiting. */
  async #end({ id }: Invocation, end: () => Promise<unknown>): Promise<void> {
    await end().catch((error: unknown) =>
      this.#parts.log.error({ err: error, invocation_id: id }, "an overdue invocation could not be ended"),
    );
  }

  async #endLapsed(invocation: Invocation, now: number): Promise<void> {
    const guard = { status: "processing", leaseLapsedBy: now } as const;
    await this.#parts.store.transact([invocation.buyer_id], async (t) => {
      if (isRunHere(invocation.execution_mode)) await failInvocation(t, invocation, guard, { verdict: "lost" }, now);
      else if (invocation.expires_at <= now) await expireInvocation(t, invocation, guard, now);
      else if (await wasAskedInVain(t, invocation)) await cancelInvocation(t, invocation, guard, now);
      else await t.invocations.update(invocation.id, guard, { status: "pending", started_at: null, ...NO_LEASE });
    });
  }
}

/** Whoever asked for it has lost the right to: it is offered to no other provider. */
async function wasAskedInVain(t: Transaction, { passport_id, agent_id }: Invocation): Promise<boolean> {
  const passport = passport_id === null ? undefined : await t.passports.find(passport_id);
  const agent = agent_id === null ? undefined : await t.agents.find(agent_id);
  return (passport !== undefined && passport.revoked_at !== null) || (agent_id !== null && agent?.status !== "active");
}
