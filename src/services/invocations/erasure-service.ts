import type { ErasableFilter, Invocation } from "../../../storage/repositories/invocations.ts";
import { sealedOwner } from "../../../storage/repositories/sealed-blobs.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { Clock } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";
import { requireOperator } from "../auth/named-operator.ts";
import type { Chore } from "../chore.ts";

export interface EraseRequest {
  readonly invocationId?: string | undefined;
  /** Id or name of a buyer or seller. */
  readonly operator?: string | undefined;
  /** True: content that others bought of the operator stays. */
  readonly boughtOnly?: boolean | undefined;
  readonly olderThanDays?: number | undefined;
}

const DAY_MS = 86_400_000;
const AT_ONCE = 100;

export interface ErasureParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly retentionDays: number | undefined;
}

/**
 * Erases content from the database: inputs and outputs of ended invocations, summaries of
 * checkouts, intents of ended passports, names of deleted agents and texts of closed requests.
 * Digests, amounts and the audit log stay.
 */
export class ErasureService {
  readonly #parts: ErasureParts;
  readonly chores: readonly Chore[] = [
    { name: "erase old content", everyMs: LIMITS.choreMs, run: () => this.eraseOld() },
  ];

  constructor(parts: ErasureParts) {
    this.#parts = parts;
  }

  /**
   * Erases the selected content. Throws INVALID_REQUEST without a selection, NOT_FOUND,
   * INVOCATION_NOT_OPEN for an invocation that is not over.
   */
  async erase({
    invocationId,
    operator,
    boughtOnly,
    olderThanDays,
  }: EraseRequest): Promise<{ readonly erased: number }> {
    if (invocationId === undefined && operator === undefined && olderThanDays === undefined) {
      throw new DomainError(
        "INVALID_REQUEST",
        "Say what to erase: --invocation, --operator or --older-than-days.",
      );
    }
    if (invocationId !== undefined && (operator !== undefined || olderThanDays !== undefined)) {
      throw new DomainError(
        "INVALID_REQUEST",
        "--invocation excludes --operator and --older-than-days.",
      );
    }
    if (invocationId !== undefined) await this.#requireOver(invocationId);
    const before = this.#parts.clock.now() - (olderThanDays ?? 0) * DAY_MS;
    const owner =
      operator === undefined
        ? undefined
        : await this.#parts.store.read((r) => requireOperator(r, operator));
    const erased = await this.#eraseAll({
      before,
      operatorId: owner?.id,
      boughtOnly,
      id: invocationId,
    });
    if (invocationId === undefined) await this.#eraseTexts({ before, operatorId: owner?.id });
    return { erased };
  }

  /** Erases content older than the host's retention. */
  async eraseOld(): Promise<number> {
    if (this.#parts.retentionDays === undefined) return 0;
    const before = this.#parts.clock.now() - this.#parts.retentionDays * DAY_MS;
    await this.#eraseTexts({ before });
    return this.#eraseAll({ before });
  }

  /** Erases texts beside invocations: words of agents at a checkout, and records that are over. */
  async #eraseTexts(of: { before: number; operatorId?: string | undefined }): Promise<void> {
    await this.#eraseSummaries(of);
    const { before } = of;
    const owners = await this.#parts.store.read((r) =>
      r.departures.withOverRecords(before, of.operatorId),
    );
    for (const operatorId of owners) {
      await this.#parts.store.transact([operatorId], async (t) => {
        const details = { ...(await t.departures.eraseOverRecords(operatorId, before)) };
        await t.audit.append({ operatorId, action: "content.erase", outcome: "success", details });
      });
    }
  }

  async #eraseSummaries(of: { before: number; operatorId?: string | undefined }): Promise<void> {
    for (;;) {
      const found = await this.#parts.store.read((r) => r.checkouts.listSummarised(of, AT_ONCE));
      for (const { id, operator_id: operatorId } of found) {
        await this.#parts.store.transact([operatorId], async (t) => {
          await t.sealed.delete(sealedOwner.checkout(id));
          const details = { checkout_id: id };
          await t.audit.append({
            operatorId,
            action: "content.erase",
            outcome: "success",
            details,
          });
        });
      }
      if (found.length < AT_ONCE) return;
    }
  }

  async #eraseAll(of: ErasableFilter): Promise<number> {
    let erased = 0;
    for (;;) {
      const found = await this.#parts.store.read((r) => r.invocations.listErasable(of, AT_ONCE));
      for (const [buyerId, ids] of byBuyer(found)) {
        erased += await this.#parts.store.transact([buyerId], (t) =>
          this.#eraseOf(t, buyerId, ids),
        );
      }
      if (found.length < AT_ONCE) return erased;
    }
  }

  /**
   * Returns the number of a buyer's invocations that were still there: another process may erase
   * the same.
   */
  async #eraseOf(t: Transaction, operatorId: string, ids: readonly string[]): Promise<number> {
    let erased = 0;
    for (const id of ids) {
      if (!(await t.invocations.markErased(id, this.#parts.clock.now()))) continue;
      const { input, output, note, reason, cause, paymentToken } = sealedOwner;
      for (const owner of [input, output, note, reason, cause, paymentToken])
        await t.sealed.delete(owner(id));
      const details = { invocation_id: id };
      await t.audit.append({ operatorId, action: "content.erase", outcome: "success", details });
      erased++;
    }
    return erased;
  }

  async #requireOver(id: string): Promise<void> {
    const found = isId("sinv", id)
      ? await this.#parts.store.read((r) => r.invocations.find(id))
      : undefined;
    if (!found) throw new DomainError("INVOCATION_NOT_FOUND");
    if (found.completed_at !== null) return;
    throw new DomainError(
      "INVOCATION_NOT_OPEN",
      `The invocation is ${found.status}: it can be erased when it is over.`,
    );
  }
}

function byBuyer(found: readonly Pick<Invocation, "id" | "buyer_id">[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { id, buyer_id } of found) ids.set(buyer_id, [...(ids.get(buyer_id) ?? []), id]);
  return ids;
}
