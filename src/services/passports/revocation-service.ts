import type { Invocation } from "../../../storage/repositories/invocations.ts";
import type { PassportSelection } from "../../../storage/repositories/passports.ts";
import type { Revocation } from "../../../storage/repositories/revocations.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { AuditAction } from "../../domain/audit/audit-actions.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import type { RevocationType } from "../../domain/identity/passport.ts";
import type { Clock } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";
import { cut } from "../../shared/text.ts";
import { signToken } from "../../tokens/token.ts";
import { requireOwnAgent } from "../auth/own-agent.ts";
import { cancelInvocation } from "../invocations/run/finalize-invocation.ts";
import type { InvocationWorker } from "../invocations/run/invocation-worker.ts";
import type { SigningKeyService } from "../signing-keys/signing-key-service.ts";

export interface RevocationOrder {
  readonly type: RevocationType;
  /** The target: a jti, an agent, a session, a claim, or the operator. */
  readonly target: string;
  readonly reason?: string | undefined;
  readonly selection: PassportSelection | { readonly jti: string };
}

export interface RevocationView {
  readonly type: RevocationType;
  readonly revoked_count: number;
  /** Passports revoked with them, because they were delegated from one of them. */
  readonly cascaded: readonly string[];
  readonly cancelled_invocations: number;
}

/** A revocation as the feed sends it; `at` in epoch milliseconds. */
export interface RevocationEvent {
  readonly seq: number;
  readonly type: RevocationType;
  readonly operator_id: string;
  readonly target: string;
  readonly jtis: readonly string[];
  readonly reason: string | null;
  readonly at: number;
}

export interface RevocationParts {
  readonly store: Store;
  readonly keys: SigningKeyService;
  readonly worker: InvocationWorker;
  readonly issuer: () => string;
  readonly clock: Clock;
}

const FEED_PAGE = 100;
const LIST_SECONDS = 60;

/**
 * Revokes passports at once, with all passports delegated from them, and cancels the work under
 * them.
 */
export class RevocationService {
  readonly #parts: RevocationParts;

  constructor(parts: RevocationParts) {
    this.#parts = parts;
  }

  /** Revokes one passport. An agent may revoke its own and their children. Throws NOT_FOUND. */
  async revokeOne(
    caller: Caller,
    jti: string,
    reason: string | undefined,
  ): Promise<RevocationView> {
    await this.#parts.store.read(async (r) => {
      const lineage = isId("pp", jti) ? await r.passports.lineage(jti) : [];
      const isOwn = lineage[0]?.operator_id === caller.operatorId;
      const { passport, agent } = caller;
      const reaches = passport
        ? lineage.some((one) => one.jti === passport.jti)
        : !agent || lineage.some((one) => one.agent_id === agent.id);
      if (!isOwn || !reaches)
        throw new DomainError("NOT_FOUND", "There is no such passport of yours.");
    });
    return this.revoke(caller, { type: "single", target: jti, reason, selection: { jti } });
  }

  /** Revokes all passports of one agent. Throws NOT_FOUND. */
  async revokeAgent(
    caller: Caller,
    agentId: string,
    reason: string | undefined,
  ): Promise<RevocationView> {
    await this.#parts.store.read((r) => requireOwnAgent(r, caller, agentId));
    const selection = { operatorId: caller.operatorId, agentId };
    return this.revoke(caller, { type: "bulk_agent", target: agentId, reason, selection });
  }

  /** Revokes the operator's passports that an order selects; an empty selection is no error. */
  async revoke(caller: Caller, order: RevocationOrder): Promise<RevocationView> {
    return this.#parts.store.transact([caller.operatorId], (t) => this.within(t, caller, order));
  }

  /**
   * The same inside a transaction that has more to do. Work that a provider has claimed is left to
   * it.
   */
  async within(
    t: Transaction,
    caller: Caller,
    {
      type,
      target,
      reason = null,
      selection,
    }: Omit<RevocationOrder, "reason"> & { reason?: string | null | undefined },
  ): Promise<RevocationView> {
    const named =
      "jti" in selection
        ? await unrevoked(t, selection.jti)
        : await t.passports.listRevocable(selection);
    if (named.length === 0)
      return { type, revoked_count: 0, cascaded: [], cancelled_invocations: 0 };
    const isNamed = new Set(named);
    const below = (await t.passports.descendants(named)).filter((jti) => !isNamed.has(jti));
    const cascaded = [];
    for (const jti of below) if ((await unrevoked(t, jti)).length > 0) cascaded.push(jti);
    const all = [...named, ...cascaded];
    await t.passports.revoke(all, reason);
    await t.revocations.insert({
      operator_id: caller.operatorId,
      type,
      target,
      jtis: all,
      reason,
    });
    const details = { type, ...(reason === null ? {} : { reason: cut(reason, TOLD_CHARS) }) };
    for (const jti of named) await audit(t, caller, { action: "passport.revoke", jti, details });
    for (const jti of cascaded)
      await audit(t, caller, { action: "passport.revoke_cascade", jti, details });
    const cancelled = await this.#cancel(t, await t.invocations.listOpenUnder(all));
    return { type, revoked_count: named.length, cascaded, cancelled_invocations: cancelled };
  }

  /**
   * Yields an operator's revocations after `seq`; without `seq`, from now on. Ends when the signal
   * aborts.
   */
  async *feed(
    caller: Caller,
    after: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<RevocationEvent> {
    const { store } = this.#parts;
    let last = after ?? (await store.read((r) => r.revocations.lastSeq()));
    while (!signal.aborted) {
      const mark = store.changes.mark();
      const found = await store.read((r) =>
        r.revocations.listAfter(caller.operatorId, last, FEED_PAGE),
      );
      for (const revocation of found) {
        last = revocation.seq;
        yield toEvent(revocation);
      }
      if (found.length === 0) await store.changes.next(mark, LIMITS.waitMs.max, signal);
    }
  }

  /**
   * Returns a signed list of revoked passports that have not expired, for offline verifiers. The
   * same list is returned while the database does not change, for half of the list's lifetime.
   */
  async signedList(): Promise<string> {
    const { store, clock } = this.#parts;
    const half = Math.floor(clock.now() / (LIST_SECONDS * 500));
    return store.memo(`revocations:${half}`, async (r) =>
      this.#signList(await r.passports.listRevoked()),
    );
  }

  async #signList(revoked: readonly { readonly jti: string }[]): Promise<string> {
    const { keys, issuer, clock } = this.#parts;
    const now = Math.floor(clock.now() / 1_000);
    const list = {
      iss: issuer(),
      iat: now,
      exp: now + LIST_SECONDS,
      jtis: revoked.map(({ jti }) => jti),
    };
    return signToken("revocations+jwt", list, await keys.active());
  }

  /**
   * Cancels the open invocations of an agent, and those under passports delegated from its
   * passports, inside a transaction.
   */
  async cancelWorkOf(t: Transaction, operatorId: string, agentId: string): Promise<void> {
    const named = await t.passports.listRevocable({ operatorId, agentId });
    const jtis = [...named, ...(await t.passports.descendants(named))];
    await this.#cancel(t, [
      ...(await t.invocations.listOpenUnder(jtis)),
      ...(await t.invocations.listOpenOf(agentId)),
    ]);
  }

  /**
   * Returns the number of cancelled runs. Those that run here are killed with the commit; other
   * processes see it by themselves.
   */
  async #cancel(t: Transaction, open: readonly Invocation[]): Promise<number> {
    const { worker, clock } = this.#parts;
    const now = clock.now();
    let cancelled = 0;
    for (const invocation of open) {
      const { status } = invocation;
      if (status === "processing" && invocation.execution_mode === "open") continue;
      if (!(await cancelInvocation(t, invocation, { status }, now))) continue;
      cancelled++;
      t.onCommit(() => worker.drop(invocation.id));
    }
    return cancelled;
  }
}

const TOLD_CHARS = 200;

async function unrevoked(t: Transaction, jti: string): Promise<string[]> {
  const found = await t.passports.find(jti);
  return found && found.revoked_at === null ? [jti] : [];
}

async function audit(
  t: Transaction,
  caller: Caller,
  {
    action,
    jti,
    details,
  }: {
    readonly action: AuditAction;
    readonly jti: string;
    readonly details: Record<string, string>;
  },
) {
  const agentId = (await t.passports.find(jti))?.agent_id;
  const event = { action, outcome: "success", agentId, passportJti: jti } as const;
  const by = caller.agent ? { by_agent: caller.agent.id } : {};
  await t.audit.append({ operatorId: caller.operatorId, ...event, details: { ...details, ...by } });
}

function toEvent({
  seq,
  type,
  operator_id,
  target,
  jtis,
  reason,
  created_at,
}: Revocation): RevocationEvent {
  return { seq, type, operator_id, target, jtis, reason, at: created_at };
}
