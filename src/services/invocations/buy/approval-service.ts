import type { IdempotencyKey } from "../../../../storage/repositories/idempotency.ts";
import type { Invocation } from "../../../../storage/repositories/invocations.ts";
import type { Transaction } from "../../../../storage/repository-table.ts";
import type { Store } from "../../../../storage/store.ts";
import { actorOf, type Caller } from "../../../domain/identity/caller.ts";
import { type Clock, isoTime } from "../../../shared/clock.ts";
import { DomainError } from "../../../shared/errors.ts";
import { isId } from "../../../shared/ids.ts";
import type { ServerDirectory } from "../../pages/server-directory.ts";
import { signLink, verifyLink } from "../../pages/signed-link.ts";
import { type InvocationView, viewInvocation, waitsForApproval } from "../invocation-view.ts";
import { cancelInvocation } from "../run/finalize-invocation.ts";
import type { InvocationWorker } from "../run/invocation-worker.ts";

export interface ApprovalParts {
  readonly store: Store;
  readonly worker: InvocationWorker;
  readonly pages: ServerDirectory;
  /** Signs the addresses of approval pages. */
  readonly key: Buffer;
  readonly clock: Clock;
}

/**
 * An approval as its page shows it. A reader of the page decides nothing there.
 */
export interface ApprovalView {
  readonly invocationId: string;
  readonly status: "waiting" | "approved" | "denied" | "lapsed";
  readonly skillName: string;
  readonly publisherName: string;
  readonly operatorName: string;
  readonly agentName: string;
  /** The reason that the agent's passport was asked for; undefined where none was said. */
  readonly intent: string | undefined;
  readonly priceCents: number;
  readonly holdCents: number;
  readonly askedAt: string;
  readonly expiresAt: string;
  readonly isPlayMoney: boolean;
}

/**
 * Approvals of purchases above a passport's threshold: each waits for its operator's decision.
 */
export class ApprovalService {
  readonly #parts: ApprovalParts;

  constructor(parts: ApprovalParts) {
    this.#parts = parts;
  }

  /**
   * Returns the address of the approval page; undefined when no page is served, and for an
   * invocation that does not wait.
   */
  async urlOf(invocation: Invocation): Promise<string | undefined> {
    if (!waitsForApproval(invocation)) return undefined;
    const origin = await this.#parts.pages.current();
    return origin === undefined
      ? undefined
      : `${origin}/approvals/${signLink(this.#parts.key, [invocation.id])}`;
  }

  /** Throws NOT_FOUND for a link that was not made here. */
  async view(link: string): Promise<ApprovalView> {
    const { key, store } = this.#parts;
    const [id] = verifyLink(key, link) ?? [];
    return store.read(async (r) => {
      const invocation = typeof id === "string" ? await r.invocations.find(id) : undefined;
      if (!invocation)
        throw new DomainError(
          "NOT_FOUND",
          "There is no such approval. The link may have been cut short.",
        );
      const skill = await r.skills.find(invocation.skill_id);
      const [publisher, operator] = [
        await r.operators.find(invocation.publisher_id),
        await r.operators.find(invocation.buyer_id),
      ];
      const agent =
        invocation.agent_id === null ? undefined : await r.agents.find(invocation.agent_id);
      const passport =
        invocation.passport_id === null
          ? undefined
          : await r.passports.find(invocation.passport_id);
      const { price_cents: priceCents, reserve_cents, service_reserve_cents } = invocation;
      return {
        invocationId: invocation.id,
        status: this.#statusOf(invocation),
        skillName: skill?.name ?? "",
        publisherName: publisher?.name ?? "",
        operatorName: operator?.name ?? "",
        agentName: agent?.name ?? "",
        intent: passport?.intent?.summary,
        priceCents,
        holdCents: priceCents + reserve_cents + service_reserve_cents,
        askedAt: isoTime(invocation.created_at),
        expiresAt: isoTime(invocation.expires_at),
        isPlayMoney: store.instance.stamp === "play",
      };
    });
  }

  /**
   * Records an operator's decision; a denial voids the hold. Throws INVOCATION_NOT_FOUND, EXPIRED,
   * or INVOCATION_NOT_OPEN for an invocation that does not wait for approval.
   */
  async decide(
    caller: Caller,
    invocationId: string,
    approved: boolean,
    key: IdempotencyKey | undefined,
  ): Promise<InvocationView> {
    const { store, clock } = this.#parts;
    if (!isId("sinv", invocationId)) throw new DomainError("INVOCATION_NOT_FOUND");
    await store.transactOnce([caller.operatorId], key, async (t) => {
      await this.#decide(t, caller, invocationId, approved);
      return invocationId;
    });
    return store.read(async (r) => {
      const decided = await r.invocations.find(invocationId);
      if (!decided) throw new DomainError("INVOCATION_NOT_FOUND");
      return viewInvocation(r, decided, { caller, now: clock.now() });
    });
  }

  async #decide(
    t: Transaction,
    caller: Caller,
    invocationId: string,
    approved: boolean,
  ): Promise<void> {
    const { worker, clock } = this.#parts;
    const current = await t.invocations.find(invocationId);
    if (current?.buyer_id !== caller.operatorId) throw new DomainError("INVOCATION_NOT_FOUND");
    const { status, agent_id, passport_id, skill_id } = current;
    if (!waitsForApproval(current))
      throw new DomainError(
        "INVOCATION_NOT_OPEN",
        `The invocation does not wait for approval: ${STATES[this.#statusOf(current)]}.`,
        { status },
      );
    if (current.expires_at <= clock.now())
      throw new DomainError("EXPIRED", "The invocation has expired.");
    if (approved) await requireStillGiven(t, current);
    await t.audit.append({
      ...actorOf(caller),
      agentId: agent_id ?? undefined,
      passportJti: passport_id ?? undefined,
      action: approved ? "skill.approve" : "skill.deny",
      outcome: "success",
      details: { invocation_id: invocationId, skill_id },
    });
    // One that was denied keeps its mark, by which it is told from one that was approved and
    // cancelled.
    if (approved)
      await t.invocations.update(invocationId, { status: "pending" }, { awaits_approval: 0 });
    else await cancelInvocation(t, current, { status: "pending" }, clock.now());
    t.onCommit(() => void worker.drain());
  }

  #statusOf({ awaits_approval, status, expires_at }: Invocation): ApprovalView["status"] {
    if (awaits_approval === 0) return "approved";
    if (status === "cancelled") return "denied";
    return status === "pending" && expires_at > this.#parts.clock.now() ? "waiting" : "lapsed";
  }
}

const STATES: Readonly<Record<ApprovalView["status"], string>> = {
  waiting: "it waits",
  approved: "it was approved, or needed no approval",
  denied: "it was denied or cancelled",
  lapsed: "nobody decided in time",
};

/** Since it was asked for, its agent may have lost the skill. */
async function requireStillGiven(
  t: Transaction,
  { agent_id, skill_id }: Invocation,
): Promise<void> {
  const agent = agent_id === null ? undefined : await t.agents.find(agent_id);
  if (agent?.skill_access_mode === "allowed" && !agent.allowed_skills.includes(skill_id))
    throw new DomainError("UNAUTHORIZED_SKILL_ACCESS");
}
