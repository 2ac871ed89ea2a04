import type { IdempotencyKey } from "../../../../storage/repositories/idempotency.ts";
import type { Invocation } from "../../../../storage/repositories/invocations.ts";
import type { Transaction } from "../../../../storage/repository-table.ts";
import type { Store } from "../../../../storage/store.ts";
import type { Caller } from "../../../domain/identity/caller.ts";
import { isRunHere } from "../../../domain/market/skill.ts";
import { needsApproval } from "../../../domain/money/mandate.ts";
import type { PlanLimits } from "../../../domain/money/plans.ts";
import { isTerminal } from "../../../domain/runs/invocation.ts";
import { type Clock, isoTime } from "../../../shared/clock.ts";
import { DomainError } from "../../../shared/errors.ts";
import { isId, newId } from "../../../shared/ids.ts";
import { measure, payloadOf } from "../../../shared/payload.ts";
import { accessFilter, canAccess } from "../../auth/invocation-access.ts";
import { requireStillAuthorized } from "../../auth/live-authorization.ts";
import type { CallOptions } from "../../call-options.ts";
import { byId, type Page, pageOf, requireCursor } from "../../pagination.ts";
import type { SkillService } from "../../skills/skill-service.ts";
import { type InvocationView, viewInvocation, waitsForApproval } from "../invocation-view.ts";
import type { ListInvocations } from "../list-invocations.ts";
import { cancelInvocation } from "../run/finalize-invocation.ts";
import type { InvocationWorker } from "../run/invocation-worker.ts";
import { type InvokeRequest, recordOrder } from "./accept-order.ts";
import { type Admission, requireAffordable } from "./admission.ts";
import type { ApprovalService } from "./approval-service.ts";
import { InvocationWaiters } from "./invocation-waiters.ts";
import { progressOf, workReporter } from "./progress.ts";
import { changeNote, changeSinceLast, type PurchaseChange } from "./purchase-change.ts";
import { abandon, sameCallOf } from "./same-call.ts";

interface FollowOptions extends CallOptions {
  /** True: the call also waits through an approval, which may take a person hours. */
  readonly waitsForPeople?: boolean;
}

/** An invocation, or the one that an identical call started. */
export type InvokedView = InvocationView & {
  readonly deduplicated?: true;
  readonly invocation_id?: string;
  readonly since_last_purchase?: PurchaseChange;
};

const DEDUPLICATED =
  "An identical call started this run a moment ago, and nothing more is charged. Pass repeat: true for a new run.";

/** An accepted call: it started a run, joined the run of an identical call, or repeated a key. */
interface Accepted {
  readonly id: string;
  readonly origin: "begun" | "joined" | "repeated";
  readonly change?: PurchaseChange | undefined;
}

export interface InvocationParts {
  readonly store: Store;
  readonly skills: SkillService;
  readonly admission: Admission;
  readonly worker: InvocationWorker;
  readonly approvals: ApprovalService;
  readonly limitsOf: PlanLimits;
  readonly clock: Clock;
}

/** Buys work: a hold first, then the run, then settlement or void. */
export class InvocationService {
  readonly #parts: InvocationParts;
  readonly #waiters: InvocationWaiters;

  constructor(parts: InvocationParts) {
    this.#parts = parts;
    this.#waiters = new InvocationWaiters(parts);
  }

  /**
   * Records the invocation durably, then waits up to `wait_ms` for its end. A repeated idempotency
   * key returns the current state of its invocation. An identical call without a key does the same
   * while the first one runs and for a minute after its completion. An aborted call without a key
   * cancels its run while nothing has left the machine. Throws SKILL_NOT_FOUND, SKILL_NOT_ACTIVE,
   * TRUST_LEVEL_INSUFFICIENT, INPUT_INVALID, PAYLOAD_TOO_LARGE, PRICE_ABOVE_LIMIT,
   * SERVICE_NOT_CONNECTED, PROVIDER_NOT_CONFIGURED, INSUFFICIENT_CREDITS, TIER_LIMIT_EXCEEDED,
   * RATE_LIMITED, IDEMPOTENCY_CONFLICT: all of them before any money is held.
   */
  async invoke(caller: Caller, request: InvokeRequest, options: CallOptions): Promise<InvokedView> {
    const { id, origin, change } = await this.#accept(caller, request, options);
    const view = await this.#follow(caller, id, request.wait_ms, options);
    const isNameless = origin === "begun" && options.idempotency === undefined;
    if (isNameless && options.isGivenUp()) await abandon(this.#parts, caller, id);
    if (origin === "joined") {
      return {
        ...view,
        deduplicated: true,
        note: beside(DEDUPLICATED, view.note),
        invocation_id: id,
      };
    }
    if (change === undefined) return view;
    return { ...view, note: beside(changeNote(change), view.note), since_last_purchase: change };
  }

  /** Returns a purchase or a work of the caller; throws INVOCATION_NOT_FOUND for any other. */
  async check(
    caller: Caller,
    invocationId: string,
    waitMs: number,
    options: CallOptions,
  ): Promise<InvocationView> {
    return this.#follow(caller, invocationId, waitMs, { ...options, waitsForPeople: true });
  }

  /** Lists the caller's purchases, newest first. */
  async listMine(caller: Caller, request: ListInvocations): Promise<Page<InvocationView>> {
    requireCursor("sinv", request.cursor);
    return this.#parts.store.read(async (r) => {
      const found = await r.invocations.listOf("buyer_id", {
        operatorId: caller.operatorId,
        ...accessFilter(caller),
        status: request.status,
        skillId: request.skill_id,
        beforeId: request.cursor,
        limit: request.limit,
      });
      const items = [];
      for (const invocation of found.slice(0, request.limit)) {
        items.push(
          await viewInvocation(r, invocation, {
            caller,
            now: this.#parts.clock.now(),
            brief: true,
          }),
        );
      }
      return pageOf(items, found.length, byId);
    });
  }

  /**
   * Cancels an invocation for its buyer: the hold is voided, and the run is killed in whichever
   * process it runs. Throws INVOCATION_NOT_FOUND, FORBIDDEN for its provider, or
   * INVOCATION_NOT_OPEN for an invocation that is over or that a provider has claimed.
   */
  async cancel(
    caller: Caller,
    invocationId: string,
    key: IdempotencyKey | undefined,
  ): Promise<InvocationView> {
    const { store, worker, clock } = this.#parts;
    const { buyer_id: buyerId } = await this.#find(caller, invocationId);
    await store.transactOnce([buyerId, caller.operatorId], key, async (t) => {
      const current = await t.invocations.find(invocationId);
      if (!current) throw new DomainError("INVOCATION_NOT_FOUND");
      if (current.status !== "cancelled") await cancel(t, caller, current, clock.now());
      t.onCommit(() => worker.drop(invocationId));
      return invocationId;
    });
    return this.#view(await this.#find(caller, invocationId), caller);
  }

  /** Throws unless the agent and the passport in the request are the caller's own. */
  async #requireOwnNames(
    { operatorId, agent, passport }: Caller,
    request: InvokeRequest,
  ): Promise<void> {
    const { agent_id: agentId, passport_id: jti } = request;
    if (agentId === undefined && jti === undefined) return;
    await this.#parts.store.read(async (r) => {
      const named = agentId === undefined ? undefined : await r.agents.find(agentId);
      const carried = jti === undefined ? undefined : await r.passports.find(jti);
      const isOwnAgent =
        agentId === undefined ||
        (named?.operator_id === operatorId && (!agent || agent.id === agentId));
      const isOwnPassport =
        jti === undefined ||
        (carried?.operator_id === operatorId && (!agent || passport?.jti === jti));
      if (!isOwnAgent) throw new DomainError("NOT_FOUND", "agent_id names no agent of yours.");
      if (!isOwnPassport)
        throw new DomainError("NOT_FOUND", "passport_id names no passport of yours.");
    });
  }

  async #accept(caller: Caller, request: InvokeRequest, options: CallOptions): Promise<Accepted> {
    const { idempotency, callDigest } = options;
    const { worker, store, skills, admission } = this.#parts;
    const known = idempotency && (await store.read((r) => r.idempotency.find(idempotency)));
    if (known !== undefined) return { id: known, origin: "repeated" };
    const listed = await skills.load(caller, request.skill_id, request);
    await this.#requireOwnNames(caller, request);
    const given = measure(request.input);
    const terms = admission.terms(listed, given);
    for await (const obstacle of admission.obstacles(caller, listed, given, terms.holdCents))
      throw obstacle;
    requireAffordable(terms, request.max_charge_cents);
    const runsHere = isRunHere(listed.version.execution_mode);
    const waits = needsApproval(caller.passport?.mandate, terms.holdCents);
    const input = payloadOf(given);
    const call = sameCallOf(listed.version, callDigest);
    const change = await store.read((r) => changeSinceLast(r, caller.operatorId, listed));
    const slot = runsHere && !waits ? worker.reserveSlot() : undefined;
    try {
      const order = { id: newId("sinv"), caller, request, listed, terms, waits, input, call, slot };
      const id = await store.transactOnce([caller.operatorId], idempotency, (t) =>
        recordOrder(t, this.#parts, order),
      );
      if (id === order.id) return { id, origin: "begun", change };
      return { id, origin: idempotency === undefined ? "joined" : "repeated" };
    } finally {
      slot?.release();
    }
  }

  /** Waits for the end, at most `waitMs`, and reports each step and state on the way. */
  async #follow(
    caller: Caller,
    id: string,
    waitMs: number,
    options: FollowOptions,
  ): Promise<InvocationView> {
    const { store, worker, clock } = this.#parts;
    const deadline = clock.elapsed() + waitMs;
    const tellOfWork = workReporter(options.progress);
    const stopListening = options.progress
      ? worker.onStep(id, progressOf(options.progress))
      : undefined;
    try {
      for (;;) {
        const mark = store.changes.mark();
        const invocation = await this.#find(caller, id);
        tellOfWork(invocation);
        const left = deadline - clock.elapsed();
        const isParked = waitsForApproval(invocation) && !options.waitsForPeople;
        if (isTerminal(invocation.status) || isParked || left <= 0 || options.signal.aborted) {
          // While it waited its passport may have been revoked.
          await store.read((r) => requireStillAuthorized(r, caller, clock.now()));
          return this.#view(invocation, caller);
        }
        await this.#waiters.next(invocation, mark, left, options.signal);
      }
    } finally {
      stopListening?.();
    }
  }

  async #find(caller: Caller, id: string): Promise<Invocation> {
    const found = isId("sinv", id)
      ? await this.#parts.store.read((r) => r.invocations.find(id))
      : undefined;
    const own =
      found && (found.buyer_id === caller.operatorId || found.publisher_id === caller.operatorId);
    if (!found || !own || !canAccess(caller, found)) throw new DomainError("INVOCATION_NOT_FOUND");
    return found;
  }

  async #view(invocation: Invocation, caller: Caller): Promise<InvocationView> {
    const { store, approvals, clock } = this.#parts;
    const approvalUrl = await approvals.urlOf(invocation);
    return store.read((r) =>
      viewInvocation(r, invocation, { caller, now: clock.now(), approvalUrl }),
    );
  }
}

function beside(sentence: string, note: string | undefined): string {
  return note === undefined ? sentence : `${sentence} ${note}`;
}

async function cancel(
  t: Transaction,
  caller: Caller,
  invocation: Invocation,
  now: number,
): Promise<void> {
  if (invocation.buyer_id !== caller.operatorId) {
    throw new DomainError(
      "FORBIDDEN",
      "Only the buyer can cancel an invocation; the provider ends it with stack_fail_invocation.",
    );
  }
  const { status, lease_expires_at: leaseEnd } = invocation;
  if (isTerminal(status)) {
    throw new DomainError(
      "INVOCATION_NOT_OPEN",
      `The invocation is over (${status}): there is nothing to cancel.`,
      {
        status,
      },
    );
  }
  const claimed = invocation.execution_mode === "open" && status === "processing";
  if (claimed && (leaseEnd ?? 0) > now) {
    const until = isoTime(leaseEnd ?? 0);
    const message = `The provider has claimed the invocation until ${until}. It can be cancelled when the claim lapses.`;
    throw new DomainError("INVOCATION_NOT_OPEN", message, { status, lease_expires_at: until });
  }
  const guard = claimed ? { status, leaseLapsedBy: now } : { status };
  if (!(await cancelInvocation(t, invocation, guard, now))) throw new DomainError("BUSY");
}
