import type { Operator } from "../../../storage/repositories/operators.ts";
import type { Store } from "../../../storage/store.ts";
import { OPERATOR_SCOPES } from "../../domain/caller.ts";
import { DomainError } from "../../shared/errors.ts";
import type { ErasureService } from "../invocations/erasure-service.ts";
import type { RevocationService } from "../passports/revocation-service.ts";
import type { OperatorCareService } from "./operator-care-service.ts";
import { requireOperator } from "./operator-service.ts";

export interface RemovalParts {
  readonly store: Store;
  readonly care: OperatorCareService;
  readonly revocations: RevocationService;
  readonly erasure: ErasureService;
}

/** Lets an operator go: what it could do ends, and nothing tells any more who it was. */
export class OperatorRemovalService {
  readonly #parts: RemovalParts;

  constructor(parts: RemovalParts) {
    this.#parts = parts;
  }

  /**
   * Suspends the operator at once. When none of its runs is under way, ends its keys, passports, agents
   * and connections, and erases names, texts, steps, inputs and outputs. Amounts, digests and its
   * audit chain stay. Doing it again goes on where it stopped. Throws NOT_FOUND, INVALID_REQUEST for
   * the local operator, for runs that are not over, and for money in it unless `leaveMoney`.
   */
  async delete(named: string, leaveMoney: boolean): Promise<{ readonly operator_id: string; readonly erased: number }> {
    const { store, care, revocations, erasure } = this.#parts;
    const operator = await store.read((r) => requireOperator(r, named));
    const { id } = operator;
    if (operator.deleted_at === null) {
      const { open, ...money } = await care.suspend(id);
      requireOver(operator, open);
      if (!leaveMoney) requireEmpty(operator, money);
      const caller = { operatorId: id, name: operator.name, plan: operator.plan, scopes: OPERATOR_SCOPES };
      await store.transact([id], async (t) => {
        const selection = { operatorId: id };
        await revocations.within(t, caller, {
          type: "bulk_operator",
          target: id,
          reason: "Operator deleted",
          selection,
        });
        await t.departures.forget(id);
        await t.audit.append({ operatorId: id, action: "operator.delete", outcome: "success" });
      });
    }
    const { erased } = await erasure.erase({ operator: id });
    return { operator_id: id, erased };
  }
}

function requireOver({ name }: Operator, open: number): void {
  if (open === 0) return;
  const runs = open === 1 ? "1 run that it bought or sold is" : `${open} runs that it bought or sold are`;
  throw new DomainError(
    "INVALID_REQUEST",
    `${name} is suspended from now on, and ${runs} not over yet. Delete it again when they are; \`stack-mcp invocations list --operator ${name}\` shows them.`,
  );
}

function requireEmpty(
  { name }: Operator,
  {
    balance_cents: balance,
    earnings_cents: earnings,
  }: { readonly balance_cents: number; readonly earnings_cents: number },
): void {
  if (balance === 0 && earnings === 0) return;
  throw new DomainError(
    "INVALID_REQUEST",
    `${name} is suspended from now on, and has ${balance} cents in its wallet and ${earnings} cents of earnings. Give them back first (\`stack-mcp operator resume ${name}\` lets it ask for a refund), or leave them in the books, nobody's, with --leave-money.`,
  );
}
