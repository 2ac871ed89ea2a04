import type { Invocation } from "../../../storage/repositories/invocations.ts";
import type { Store, Transaction } from "../../../storage/store.ts";
import { isRunHere } from "../../domain/skill.ts";
import type { Clock } from "../../shared/clock.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { Logger } from "../../shared/logger.ts";
import type { AuditService } from "../audit/audit-service.ts";
import type { PlanService } from "../wallet/plan-service.ts";
import type { TopupService } from "../wallet/topup-service.ts";
import { cancelInvocation, expireInvocation, failInvocation, NO_LEASE } from "./endings.ts";
import type { ErasureService } from "./erasure-service.ts";

export interface SweeperParts {
  readonly store: Store;
  readonly plans: PlanService;
  readonly topups: TopupService;
  readonly erasure: ErasureService;
  readonly audit: AuditService;
  readonly clock: Clock;
  readonly log: Logger;
}

const CHORES_EVERY_MS = 300_000;
const FIRST_PIN_MS = 60_000;

/** Ends what its process or its provider left behind. Every process sweeps; the guards make sure that one of them wins. */
export class Sweeper {
  readonly #parts: SweeperParts;
  #timer: NodeJS.Timeout | undefined;
  #nextChores = 0;
  #nextPin: number | undefined;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  start(): void {
    const sweep = () =>
      this.sweep().catch((error: unknown) => this.#parts.log.error({ err: error }, "the sweep failed"));
    this.#timer = setInterval(sweep, LIMITS.sweepMs);
    this.#timer.unref();
    void sweep();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One pass: lapsed sealed work is lost, lapsed open work is open again, expired work is over, plans are renewed, refunds sent, old content erased, audit chains pinned. */
  async sweep(): Promise<void> {
    const { store, plans, topups, erasure, clock } = this.#parts;
    const now = clock();
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
    await plans.renewDue();
    await this.#keepAudit(now);
    if (now < this.#nextChores) return;
    this.#nextChores = now + CHORES_EVERY_MS;
    await topups.sendRefunds();
    await erasure.eraseOld();
  }

  /** A process that only looks in has no time for it. */
  async #keepAudit(now: number): Promise<void> {
    const { audit } = this.#parts;
    this.#nextPin ??= now + FIRST_PIN_MS;
    if (now < this.#nextPin) return;
    this.#nextPin = now + CHORES_EVERY_MS;
    await audit.pin();
    await audit.dropOld();
  }

  /** A row that cannot be ended does not keep the others waiting. */
  async #end({ id }: Invocation, end: () => Promise<unknown>): Promise<void> {
    await end().catch((error: unknown) =>
      this.#parts.log.error({ err: error, invocation_id: id }, "the sweep left a row"),
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
