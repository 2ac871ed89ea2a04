import type { Holdings } from "../../../storage/repositories/operator-admin.ts";
import { NO_PERIOD, type Operator } from "../../../storage/repositories/operators.ts";
import type { Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { AuditAction } from "../../domain/audit/audit-actions.ts";
import { type OperatorStatus, operatorStatus } from "../../domain/identity/operator.ts";
import type { Plan } from "../../domain/money/money.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/json.ts";
import { requireOperator, requirePresentOperator } from "../auth/named-operator.ts";
import { requireFreeName } from "./operator-service.ts";

export interface OperatorDetail extends Omit<Holdings, "last_action_at"> {
  readonly operator_id: string;
  readonly name: string;
  readonly status: OperatorStatus;
  readonly is_local: boolean;
  readonly plan: Plan;
  /** The end of the month that it paid for; left out for a plan that the host gave. */
  readonly plan_until?: string;
  readonly balance_cents: number;
  readonly held_cents: number;
  readonly earnings_cents: number;
  readonly claims: readonly string[];
  readonly created_at: string;
  readonly last_action_at?: string;
}

export interface OperatorAdminParts {
  readonly store: Store;
  readonly clock: Clock;
}

/** Acts of a host on one operator. Each takes its id or name, and throws NOT_FOUND. */
export class OperatorAdminService {
  readonly #parts: OperatorAdminParts;

  constructor(parts: OperatorAdminParts) {
    this.#parts = parts;
  }

  async show(named: string): Promise<OperatorDetail> {
    const now = this.#parts.clock.now();
    return this.#parts.store.read(async (r) => {
      const operator = await requireOperator(r, named);
      const { last_action_at: last, ...holdings } = await r.operatorAdmin.holdings(
        operator.id,
        now,
      );
      const balance = await r.ledger.balanceOf(operator.id);
      const claims = await r.operators.listClaims(operator.id);
      return {
        operator_id: operator.id,
        name: operator.name,
        status: operatorStatus(operator),
        is_local: operator.is_local === 1,
        plan: operator.plan,
        ...(operator.period_end === null ? {} : { plan_until: isoTime(operator.period_end) }),
        balance_cents: balance.balanceCents,
        held_cents: balance.heldCents,
        earnings_cents: balance.earningsCents,
        claims: claims.map(({ claim_type }) => claim_type),
        ...holdings,
        created_at: isoTime(operator.created_at),
        ...(last === null ? {} : { last_action_at: last }),
      };
    });
  }

  /**
   * Suspends an operator: refuses its keys, agents and passports, and takes its skills off the
   * market. Running work continues to its end. Throws INVALID_REQUEST for the local operator.
   */
  async suspend(named: string): Promise<OperatorDetail> {
    return this.#change(named, async (t, operator) => {
      requireForeign(operator);
      // Again, it takes off the market what came onto it meanwhile.
      await t.operatorAdmin.suspend(operator.id, operator.suspended_at ?? this.#parts.clock.now());
      if (operator.suspended_at === null) await recordAudit(t, operator.id, "operator.suspend");
    });
  }

  /** Resumes an operator; its skills are on offer as before. */
  async resume(named: string): Promise<OperatorDetail> {
    return this.#change(named, async (t, operator) => {
      if (operator.suspended_at === null) return;
      await t.operatorAdmin.resume(operator.id);
      await recordAudit(t, operator.id, "operator.resume");
    });
  }

  /**
   * Renames an operator. Throws INVALID_REQUEST for a name that is taken, alike or malformed.
   */
  async rename(named: string, name: string): Promise<OperatorDetail> {
    return this.#change(named, async (t, operator) => {
      requireForeign(operator);
      await requireFreeName(t, name, operator.id);
      await t.operatorAdmin.rename(operator.id, name);
      await recordAudit(t, operator.id, "operator.rename");
    });
  }

  /** Gives a plan that has no end and costs nothing; a month that was paid is not given back. */
  async givePlan(named: string, plan: Plan): Promise<OperatorDetail> {
    return this.#change(named, async (t, operator) => {
      await t.operators.setPlan(operator.id, { plan, base_plan: plan, ...NO_PERIOD });
      await recordAudit(t, operator.id, "plan.give", { plan });
    });
  }

  async #change(
    named: string,
    work: (t: Transaction, operator: Operator) => Promise<void>,
  ): Promise<OperatorDetail> {
    const { id } = await this.#parts.store.read((r) => requireOperator(r, named));
    await this.#parts.store.transact([id], async (t) => {
      await work(t, await requirePresentOperator(t, id));
    });
    return this.show(id);
  }
}

/** Throws INVALID_REQUEST for the local operator, which acts without a key. */
function requireForeign(operator: Operator): void {
  if (operator.is_local === 0) return;
  const message =
    "local acts on this machine without a key: it cannot be suspended, renamed or deleted.";
  throw new DomainError("INVALID_REQUEST", message);
}

async function recordAudit(
  t: Transaction,
  operatorId: string,
  action: AuditAction,
  details: JsonObject = {},
): Promise<void> {
  await t.audit.append({ operatorId, action, outcome: "success", details });
}
