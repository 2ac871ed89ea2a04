import type { Invocation } from "../../../../storage/repositories/invocations.ts";
import type { Transaction } from "../../../../storage/repository-table.ts";
import type { Store } from "../../../../storage/store.ts";
import { isRunHere } from "../../../domain/market/skill.ts";
import type { Clock } from "../../../shared/clock.ts";
import { LIMITS } from "../../../shared/limits.ts";
import type { Logger } from "../../../shared/logger.ts";
import type { Chore } from "../../chore.ts";
import {
  cancelInvocation,
  expireInvocation,
  failInvocation,
  NO_LEASE,
} from "./finalize-invocation.ts";

export interface OverdueParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Ends overdue invocations. A sealed one with a lapsed lease is lost, an open one with a lapsed
 * claim is pending again, an expired one is over.
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
    for (const invocation of [...lapsed, ...expired]) {
      await this.#end(invocation, () =>
        store.transact([invocation.buyer_id], (t) => endOverdue(t, invocation, now)),
      );
    }
  }

  /** A row that cannot be ended does not keep the others waiting. */
  async #end({ id }: Invocation, end: () => Promise<unknown>): Promise<void> {
    await end().catch((error: unknown) =>
      this.#parts.log.error(
        { err: error, invocation_id: id },
        "an overdue invocation could not be ended",
      ),
    );
  }
}

/** Ends an invocation if it is overdue. Returns true when it is over by that. */
export async function endOverdue(
  t: Transaction,
  invocation: Invocation,
  now: number,
): Promise<boolean> {
  const { status, execution_mode, expires_at, lease_expires_at } = invocation;
  if (status === "pending")
    return expires_at <= now && expireInvocation(t, invocation, { status }, now);
  if (status !== "processing" || (lease_expires_at ?? 0) > now) return false;
  const guard = { status, leaseLapsedBy: now } as const;
  if (isRunHere(execution_mode))
    return failInvocation(t, invocation, { guard, failure: { verdict: "lost" }, now });
  if (expires_at <= now) return expireInvocation(t, invocation, guard, now);
  if (await wasAskedInVain(t, invocation)) return cancelInvocation(t, invocation, guard, now);
  await t.invocations.update(invocation.id, guard, {
    status: "pending",
    started_at: null,
    ...NO_LEASE,
  });
  return false;
}

/** Whoever asked for it has lost the right to: it is offered to no other provider. */
async function wasAskedInVain(
  t: Transaction,
  { passport_id, agent_id }: Invocation,
): Promise<boolean> {
  const passport = passport_id === null ? undefined : await t.passports.find(passport_id);
  const agent = agent_id === null ? undefined : await t.agents.find(agent_id);
  return (
    (passport !== undefined && passport.revoked_at !== null) ||
    (agent_id !== null && agent?.status !== "active")
  );
}
