import type { Reader } from "../../../storage/repository-table.ts";
import type { ActingAgent, Caller } from "../../domain/identity/caller.ts";
import { countsOf, periodsOf } from "../../domain/money/budget.ts";
import { isoTime } from "../../shared/clock.ts";
import { countingFor } from "./spending.ts";

/** One limit of what an agent may spend, under the names that a refusal gives it. */
export interface Allowance {
  readonly counter: string;
  /** The passport, or the agent, whose limit it is. */
  readonly owner: string;
  readonly limit_cents?: number;
  readonly spent_cents?: number;
  readonly left_cents?: number;
  /** The only ids that the limit allows. */
  readonly only?: readonly string[];
  /** The end of the passport, or of the period. */
  readonly until?: string;
}

/**
 * Lists the limits on an agent's spending now: its skills, the mandates of its passport and of all
 * ancestors, the budgets.
 */
export async function allowancesOf(
  r: Reader,
  caller: Caller & { agent: ActingAgent },
  now: number,
): Promise<Allowance[]> {
  const { agent, passport } = caller;
  const spender = { passport_id: passport?.jti ?? null, agent_id: agent.id };
  const { lineage, agentIds } = await countingFor(r, spender);
  const found: Allowance[] = [];
  if (agent.allowedSkills)
    found.push({ counter: "allowed_skills", owner: agent.id, only: agent.allowedSkills });
  if (passport?.mandate) {
    const {
      skills,
      publishers,
      max_per_call_cents: most,
      approve_over_cents: over,
    } = passport.mandate;
    const owner = passport.jti;
    found.push(...choices(owner, skills, publishers));
    if (most !== undefined) found.push({ counter: "max_per_call_cents", owner, limit_cents: most });
    if (over !== undefined) found.push({ counter: "approve_over_cents", owner, limit_cents: over });
  }
  for (const { jti: owner, max_total_cents: limit, spent_cents: spent, expires_at } of lineage) {
    if (limit !== null)
      found.push({
        counter: "max_total_cents",
        owner,
        ...used(limit, spent),
        until: isoTime(expires_at),
      });
  }
  for (const owner of agentIds) {
    const budget = (await r.agents.find(owner))?.budget;
    if (!budget) continue;
    found.push(...choices(owner, budget.skills, budget.publishers));
    const spending = await r.agentSpending.of(owner, periodsOf(now));
    for (const { counter, limitCents, spentCents, backAt } of countsOf(budget, spending, now)) {
      found.push({ counter, owner, ...used(limitCents, spentCents), until: isoTime(backAt) });
    }
  }
  return found;
}

function choices(
  owner: string,
  skills?: readonly string[],
  publishers?: readonly string[],
): Allowance[] {
  return [
    ...(skills ? [{ counter: "skills", owner, only: skills }] : []),
    ...(publishers ? [{ counter: "publishers", owner, only: publishers }] : []),
  ];
}

function used(limitCents: number, spentCents: number) {
  return {
    limit_cents: limitCents,
    spent_cents: spentCents,
    left_cents: Math.max(0, limitCents - spentCents),
  };
}
