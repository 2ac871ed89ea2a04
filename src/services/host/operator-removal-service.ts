import type { Operator } from "../../../storage/repositories/operators.ts";
import type { Reader } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import { OPERATOR_SCOPES } from "../../domain/identity/caller.ts";
import { DomainError } from "../../shared/errors.ts";
import { requireOperator } from "../auth/named-operator.ts";
import type { ErasureService } from "../invocations/erasure-service.ts";
import type { OperatorAdminService } from "../operators/operator-admin-service.ts";
import type { RevocationService } from "../passports/revocation-service.ts";

export interface RemovalParts {
  readonly store: Store;
  readonly admin: OperatorAdminService;
  readonly revocations: RevocationService;
  readonly erasure: ErasureService;
}

/** Deletes an operator: ends its rights, and erases its name and texts. */
export class OperatorRemovalService {
  readonly #parts: RemovalParts;

  constructor(parts: RemovalParts) {
    this.#parts = parts;
  }

  /**
   * Suspends the operator when none of its runs is open, erases its purchases, then ends
   * its keys, passports, agents and connections, and erases names, texts and steps. Amounts,
   * digests and its audit chain stay. A repeated call continues after a stop. Throws NOT_FOUND,
   * INVALID_REQUEST for the local operator, for runs and payouts that are not over, and for money
   * unless `leaveMoney`.
   */
  async delete(
    named: string,
    leaveMoney: boolean,
  ): Promise<{ readonly operator_id: string; readonly erased: number }> {
    const { store, admin, revocations, erasure } = this.#parts;
    const operator = await store.read((r) => requireOperator(r, named));
    const { id } = operator;
    await store.read((r) => requireFree(r, operator, leaveMoney));
    if (operator.deleted_at === null) await admin.suspend(id);
    // Before its name is gone: what fails here is done again by the same command.
    const { erased } = await erasure.erase({ operator: id, boughtOnly: true });
    if (operator.deleted_at !== null) return { operator_id: id, erased };
    const caller = {
      operatorId: id,
      name: operator.name,
      plan: operator.plan,
      scopes: OPERATOR_SCOPES,
    };
    await store.transact([id], async (t) => {
      await requireFree(t, operator, leaveMoney);
      const selection = { operatorId: id };
      await revocations.within(t, caller, { type: "bulk_operator", target: id, selection });
      await t.departures.forget(id);
      await t.audit.append({ operatorId: id, action: "operator.delete", outcome: "success" });
    });
    return { operator_id: id, erased };
  }
}

/**
 * Throws INVALID_REQUEST while a run or a payout is open, or while money is left without
 * `leaveMoney`.
 */
async function requireFree(r: Reader, { id, name }: Operator, leaveMoney: boolean): Promise<void> {
  const { open } = await r.operatorAdmin.holdings(id, 0);
  const { inTransitCents } = await r.payouts.sums(id);
  const { balanceCents, earningsCents } = await r.ledger.balanceOf(id);
  const say = (why: string) => new DomainError("INVALID_REQUEST", `${name} is not deleted: ${why}`);
  if (open > 0) {
    const runs =
      open === 1 ? "1 run that it bought or sold is" : `${open} runs that it bought or sold are`;
    throw say(
      `${runs} not over yet. \`stack-mcp operator suspend ${name}\` lets nothing new begin; \`stack-mcp invocations list --operator ${name}\` shows what is left.`,
    );
  }
  if (inTransitCents > 0) {
    throw say(
      `a payout of ${inTransitCents} cents is on its way. Delete it again when \`stack-mcp payouts run\` has brought it there.`,
    );
  }
  if (leaveMoney || (balanceCents === 0 && earningsCents === 0)) return;
  throw say(
    `it has ${balanceCents} cents in its wallet and ${earningsCents} cents of earnings. Let the operator take a refund and a payout first, or leave the money in the books without an owner, with --leave-money.`,
  );
}
