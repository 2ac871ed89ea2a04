import type { Invocation } from "../../../storage/repositories/invocations.ts";
import type { Passport } from "../../../storage/repositories/passports.ts";
import type { Reader, Transaction } from "../../../storage/repository-table.ts";
import { alarmPercent, budgetProblems, countsOf, periodsOf } from "../../domain/money/budget.ts";
import { type Purchase, totalExceeded } from "../../domain/money/mandate.ts";
import type { DomainError } from "../../shared/errors.ts";

/**
 * The buyer of a purchase: a passport, or an agent; without either, the operator itself.
 */
export type Spender = Pick<Invocation, "passport_id" | "agent_id">;

/** The counters of a purchase: the passports of a lineage, its own first, and their agents. */
export interface Counting {
  readonly lineage: readonly Passport[];
  readonly agentIds: readonly string[];
}

/**
 * Lists the totals of passports and the budgets of agents that leave no room for a purchase.
 */
export async function spendingProblems(
  r: Reader | Transaction,
  spender: Spender,
  purchase: Purchase,
  now: number,
): Promise<DomainError[]> {
  return problemsOf(r, await countingFor(r, spender), purchase, now);
}

/**
 * Counts a hold against a passport, its ancestors and their agents, in the transaction of the hold.
 * An agent's spending is counted without a budget too, so that a later budget includes it. Throws
 * MANDATE_EXCEEDED.
 */
export async function countHold(
  t: Transaction,
  invocation: Invocation,
  purchase: Purchase,
): Promise<void> {
  const counting = await countingFor(t, invocation);
  const { created_at: now, buyer_id: operatorId } = invocation;
  const [problem] = await problemsOf(t, counting, purchase, now);
  if (problem) throw problem;
  const { holdCents } = purchase;
  const { lineage, agentIds } = counting;
  if (holdCents === 0 || agentIds.length === 0) return;
  if (lineage.length > 0) await t.passports.countSpent(jtisOf(lineage), holdCents);
  await t.agentSpending.count(operatorId, agentIds, periodsOf(now), holdCents);
  for (const agentId of agentIds) await raiseAlarms(t, invocation, agentId);
}

/**
 * Gives the uncharged part of a hold back to every counter, in the day in which it was counted.
 */
export async function giveBackUnspent(
  t: Transaction,
  invocation: Invocation,
  chargedCents: number,
): Promise<void> {
  const {
    price_cents,
    reserve_cents,
    service_reserve_cents,
    buyer_id: operatorId,
    created_at: heldAt,
  } = invocation;
  const unused = price_cents + reserve_cents + service_reserve_cents - chargedCents;
  if (unused === 0) return;
  const { lineage, agentIds } = await countingFor(t, invocation);
  if (agentIds.length === 0) return;
  if (lineage.length > 0) await t.passports.countSpent(jtisOf(lineage), -unused);
  await t.agentSpending.giveBack(operatorId, agentIds, periodsOf(heldAt), unused);
}

export async function countingFor(
  r: Reader | Transaction,
  { passport_id, agent_id }: Spender,
): Promise<Counting> {
  const lineage = passport_id === null ? [] : await r.passports.lineage(passport_id);
  const agentIds = new Set(lineage.map((passport) => passport.agent_id));
  if (agent_id !== null) agentIds.add(agent_id);
  return { lineage, agentIds: [...agentIds] };
}

async function problemsOf(
  r: Reader | Transaction,
  counting: Counting,
  purchase: Purchase,
  now: number,
) {
  return [
    ...overTotals(counting, purchase.holdCents),
    ...(await overBudgets(r, counting, purchase, now)),
  ];
}

function overTotals({ lineage }: Counting, holdCents: number): DomainError[] {
  return lineage.flatMap(({ jti, max_total_cents: limitCents, spent_cents: spentCents }, index) =>
    limitCents === null || spentCents + holdCents <= limitCents
      ? []
      : [totalExceeded({ passportId: jti, isOwn: index === 0, limitCents, spentCents }, holdCents)],
  );
}

async function overBudgets(
  r: Reader | Transaction,
  { agentIds }: Counting,
  purchase: Purchase,
  now: number,
) {
  const problems: DomainError[] = [];
  for (const agentId of agentIds) {
    const budget = (await r.agents.find(agentId))?.budget;
    if (!budget) continue;
    const spending = await r.agentSpending.of(agentId, periodsOf(now));
    problems.push(...budgetProblems({ agentId, budget }, spending, purchase, now));
  }
  return problems;
}

/**
 * Tells an operator, once a period, that half of a budget, most of it or all of it is held or
 * charged.
 */
async function raiseAlarms(t: Transaction, invocation: Invocation, agentId: string): Promise<void> {
  const budget = (await t.agents.find(agentId))?.budget;
  if (!budget) return;
  const { created_at: now, buyer_id: operatorId, passport_id } = invocation;
  const spending = await t.agentSpending.of(agentId, periodsOf(now));
  for (const met of countsOf(budget, spending, now)) {
    const percent = alarmPercent(met);
    if (percent === 0 || !(await t.agentSpending.raiseAlarm(agentId, met.period, percent)))
      continue;
    const { counter, period, limitCents: limit_cents, spentCents: spent_cents } = met;
    await t.audit.append({
      operatorId,
      agentId,
      passportJti: passport_id ?? undefined,
      action: "agent.budget",
      outcome: "success",
      details: { percent, counter, period, limit_cents, spent_cents },
    });
  }
}

function jtisOf(lineage: readonly Passport[]): string[] {
  return lineage.map(({ jti }) => jti);
}
