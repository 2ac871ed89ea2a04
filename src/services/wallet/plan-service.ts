import type { IdempotencyKey } from "../../../storage/repositories/idempotency.ts";
import { NO_PERIOD, type Operator } from "../../../storage/repositories/operators.ts";
import type { Reader, Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { AuditAction } from "../../domain/audit/audit-actions.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import type { Plan } from "../../domain/money/money.ts";
import {
  isUpgrade,
  type PlanLimits,
  periodEndAfter,
  unusedCents,
} from "../../domain/money/plans.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { assert, invalidRequest } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import { LIMITS } from "../../shared/limits.ts";
import type { Logger } from "../../shared/logger.ts";
import type { Chore } from "../chore.ts";

export interface PlanParts {
  readonly store: Store;
  readonly limitsOf: PlanLimits;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Subscriptions of operators, paid from their wallet a month ahead. */
export class PlanService {
  readonly chores: readonly Chore[] = [
    { name: "renew plans", everyMs: LIMITS.sweepMs, run: () => this.renewDue() },
  ];
  readonly #parts: PlanParts;

  constructor(parts: PlanParts) {
    this.#parts = parts;
  }

  /**
   * Changes the plan. A larger plan begins at once and costs its month less the unused part of the
   * current one; a smaller plan begins when the paid month ends. Throws INVALID_REQUEST for a plan
   * that is not for sale, INSUFFICIENT_CREDITS.
   */
  async subscribe(caller: Caller, plan: Plan, key: IdempotencyKey | undefined) {
    const { store, clock } = this.#parts;
    const { operatorId } = caller;
    await store.transactOnce([operatorId], key, async (t) => {
      await this.#change(t, await getOperator(t, operatorId), plan, clock.now());
      return operatorId;
    });
    return store.read(async (r) => {
      const {
        plan: current,
        next_plan,
        period_start,
        period_end,
      } = await getOperator(r, operatorId);
      const { balanceCents } = await r.ledger.balanceOf(operatorId);
      return {
        plan: current,
        next_plan: next_plan ?? undefined,
        period_start: period_start === null ? undefined : isoTime(period_start),
        period_end: period_end === null ? undefined : isoTime(period_end),
        balance_cents: balanceCents,
      };
    });
  }

  /**
   * Renews plans whose month has ended. A plan that the wallet does not cover lapses to the plan
   * that the host gave.
   */
  async renewDue(): Promise<void> {
    const { store, clock, log } = this.#parts;
    const now = clock.now();
    for (const { id } of await store.read((r) => r.operators.listPeriodEnded(now))) {
      await store
        .transact([id], async (t) => this.#renew(t, await getOperator(t, id), now))
        .catch((error: unknown) =>
          log.error({ err: error, operator_id: id }, "a plan could not be renewed"),
        );
    }
  }

  async #change(t: Transaction, operator: Operator, plan: Plan, now: number): Promise<void> {
    if (plan === operator.plan) return t.operators.setPlan(operator.id, { next_plan: null });
    const price = this.#priceOf(plan);
    if (!isUpgrade(operator.plan, plan)) return this.#downgrade(t, operator, plan);
    const charge = price - this.#unused(operator, now);
    await this.#charge(t, operator.id, Math.max(0, charge), plan);
    await t.operators.setPlan(operator.id, { plan, next_plan: null, ...monthFrom(now, now) });
  }

  async #downgrade(t: Transaction, operator: Operator, plan: Plan): Promise<void> {
    const { base_plan: given, period_end: end } = operator;
    if (isUpgrade(plan, given) && plan !== "free") {
      const message = `The host gave you the plan ${given}, and it has no end. Subscribe to free to give it up.`;
      throw invalidRequest("plan", message);
    }
    const change = end === null ? { plan } : { next_plan: plan };
    await t.operators.setPlan(operator.id, {
      ...change,
      ...(plan === "free" ? { base_plan: plan } : {}),
    });
    await recordAudit(t, operator.id, "plan.downgrade", { plan, at_period_end: end !== null });
  }

  async #renew(t: Transaction, operator: Operator, now: number): Promise<void> {
    const { id, period_end: ended, next_plan } = operator;
    if (ended === null || ended > now) return;
    const plan = next_plan ?? operator.plan;
    const price = this.#parts.limitsOf(plan).price_cents_per_month ?? 0;
    const { balanceCents } = await t.ledger.balanceOf(id);
    const given = operator.base_plan;
    if (plan === given || price > balanceCents) {
      await t.operators.setPlan(id, { plan: given, ...NO_PERIOD });
      return recordAudit(t, id, plan === given ? "plan.end" : "plan.lapse", { plan });
    }
    await this.#charge(t, id, price, plan);
    // A database that was closed for months does not owe them.
    const anchor = operator.period_anchor ?? ended;
    const month =
      periodEndAfter(anchor, ended) > now ? monthFrom(anchor, ended) : monthFrom(now, now);
    await t.operators.setPlan(id, { plan, next_plan: null, ...month });
  }

  async #charge(
    t: Transaction,
    operatorId: string,
    amountCents: number,
    plan: Plan,
  ): Promise<void> {
    const details = { plan, amount_cents: amountCents };
    if (amountCents === 0) return recordAudit(t, operatorId, "plan.subscribe", details);
    await t.ledger.record(
      { kind: "subscribe", ref: newId("ltx"), operatorId, amountCents },
      { operatorId, action: "plan.subscribe", outcome: "success", details },
    );
  }

  #priceOf(plan: Plan): number {
    const price = this.#parts.limitsOf(plan).price_cents_per_month;
    if (price !== null) return price;
    throw invalidRequest("plan", `The plan ${plan} is not for sale here: ask the host for it.`);
  }

  #unused({ plan, period_start, period_end }: Operator, now: number): number {
    if (period_start === null || period_end === null) return 0;
    const paid = this.#parts.limitsOf(plan).price_cents_per_month ?? 0;
    return unusedCents(paid, { start: period_start, end: period_end }, now);
  }
}

/** Returns the month that follows `start` and ends on the anchor's day. */
function monthFrom(anchor: number, start: number) {
  return { period_anchor: anchor, period_start: start, period_end: periodEndAfter(anchor, start) };
}

async function getOperator(r: Reader, id: string): Promise<Operator> {
  const operator = await r.operators.find(id);
  assert(operator, "a caller is an operator");
  return operator;
}

async function recordAudit(
  t: Transaction,
  operatorId: string,
  action: AuditAction,
  details: Record<string, string | number | boolean>,
) {
  await t.audit.append({ operatorId, action, outcome: "success", details });
}
