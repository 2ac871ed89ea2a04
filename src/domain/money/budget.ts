import type { DomainError } from "../../shared/errors.ts";
import {
  choiceProblems,
  exceeded,
  type LimitOwner,
  leftOf,
  type Mandate,
  type Purchase,
} from "./mandate.ts";

/** Bounds on what an agent may spend, whatever passports it has. Days and months are UTC. */
export interface Budget extends Pick<Mandate, "skills" | "publishers"> {
  readonly per_day_cents?: number | undefined;
  readonly per_month_cents?: number | undefined;
}

/** A UTC day, `2026-11-27`, or a UTC month, `2026-11`. */
export type Period = string;

export interface Periods {
  readonly day: Period;
  readonly month: Period;
}

/** Cents held or charged in an agent's name, in the UTC day and the UTC month of one moment. */
export interface Spending {
  readonly dayCents: number;
  readonly monthCents: number;
}

/** One bound of a budget with what counts against it. */
export interface BudgetCount {
  readonly counter: "per_day_cents" | "per_month_cents";
  readonly period: Period;
  readonly limitCents: number;
  readonly spentCents: number;
  /** The time at which it begins anew. */
  readonly backAt: number;
}

export interface AgentBudget {
  readonly agentId: string;
  readonly budget: Budget;
}

/** Parts of a budget at which its operator is told. */
const ALARM_PERCENTS = [100, 80, 50];

export function periodsOf(time: number): Periods {
  const day = new Date(time).toISOString().slice(0, 10);
  return { day, month: day.slice(0, 7) };
}

/** The bounds that a budget sets, the day's first. */
export function countsOf(budget: Budget, spending: Spending, now: number): BudgetCount[] {
  const { day, month } = periodsOf(now);
  const date = new Date(now);
  const [year, monthIndex] = [date.getUTCFullYear(), date.getUTCMonth()];
  const counts: BudgetCount[] = [];
  const { per_day_cents: ofDay, per_month_cents: ofMonth } = budget;
  if (ofDay !== undefined) {
    const backAt = Date.UTC(year, monthIndex, date.getUTCDate() + 1);
    counts.push({
      counter: "per_day_cents",
      period: day,
      limitCents: ofDay,
      spentCents: spending.dayCents,
      backAt,
    });
  }
  if (ofMonth !== undefined) {
    const backAt = Date.UTC(year, monthIndex + 1, 1);
    const { monthCents: spentCents } = spending;
    counts.push({
      counter: "per_month_cents",
      period: month,
      limitCents: ofMonth,
      spentCents,
      backAt,
    });
  }
  return counts;
}

/** All that an agent's budget has against a purchase; nothing when it allows it. */
export function budgetProblems(
  { agentId, budget }: AgentBudget,
  spending: Spending,
  purchase: Purchase,
  now: number,
): DomainError[] {
  const owner = agentOwner(agentId);
  const { holdCents } = purchase;
  const over = countsOf(budget, spending, now).filter(
    (count) => count.spentCents + holdCents > count.limitCents,
  );
  return [
    ...choiceProblems(owner, budget, purchase),
    ...over.map((count) => periodExceeded(owner, count, holdCents)),
  ];
}

function periodExceeded(owner: LimitOwner, count: BudgetCount, holdCents: number): DomainError {
  const { counter, limitCents, spentCents } = count;
  const span = counter === "per_day_cents" ? "a day" : "a month";
  const backAt = new Date(count.backAt).toISOString();
  const waitingHelps = holdCents <= limitCents;
  return exceeded(owner, {
    counter,
    why: `allows ${limitCents} cents ${span}; ${spentCents} are held or charged, and the hold would be ${holdCents}`,
    change: `This limit would let it pass with ${spentCents + holdCents} ${span}${waitingHelps ? `, or from ${backAt} on` : ""}.`,
    details: {
      ...leftOf(limitCents, spentCents, holdCents),
      ...(waitingHelps ? { back_at: backAt } : {}),
    },
  });
}

/** The highest threshold that spending has reached, in percent; 0 below the first. */
export function alarmPercent({ limitCents, spentCents }: BudgetCount): number {
  if (limitCents === 0) return 0;
  return ALARM_PERCENTS.find((percent) => spentCents * 100 >= limitCents * percent) ?? 0;
}

function agentOwner(agentId: string): LimitOwner {
  return {
    id: agentId,
    words: `The budget of agent ${agentId}`,
    field: "budget",
    remedy: "Its operator changes it with stack_update_agent (budget).",
  };
}
