import type { Transaction } from "../../../../storage/repository-table.ts";
import type { Caller } from "../../../domain/identity/caller.ts";
import { dayOf } from "../../../shared/clock.ts";
import { DomainError } from "../../../shared/errors.ts";

/**
 * Counts unpaid work at the most that it can use, against the plan's bound for the UTC day. Throws
 * TIER_LIMIT_EXCEEDED.
 */
export async function takeFreeCompute(
  t: Transaction,
  caller: Caller,
  { now, microUsd, cap }: { readonly now: number; readonly microUsd: number; readonly cap: number },
): Promise<void> {
  if (!(await t.freeCompute.take(caller.operatorId, dayOf(now), microUsd, cap)))
    throw freeComputeSpent(caller, cap);
}

/**
 * Throws TIER_LIMIT_EXCEEDED where the day's bound is reached. A priced run is counted only after a
 * failure, but does not begin beyond the bound.
 */
export async function requireFreeComputeLeft(
  t: Transaction,
  caller: Caller,
  now: number,
  cap: number,
): Promise<void> {
  const { microUsd } = await t.freeCompute.usedOn(caller.operatorId, dayOf(now));
  if (microUsd >= cap) throw freeComputeSpent(caller, cap);
}

export function freeComputeSpent(caller: Caller, cap: number): DomainError {
  const message = `The plan ${caller.plan} covers ${cap} micro-dollars of compute a day for free skills, drafts and failed runs, and this run could use more than is left. Try again after midnight UTC, or take a larger plan with stack_subscribe.`;
  return new DomainError("TIER_LIMIT_EXCEEDED", message, { micro_usd_per_day: cap });
}
