import type { Store } from "../../../../storage/store.ts";
import type { Caller } from "../../../domain/identity/caller.ts";
import { isRunHere, providersOf } from "../../../domain/market/skill.ts";
import { needsApproval, type Purchase } from "../../../domain/money/mandate.ts";
import type { PlanLimits } from "../../../domain/money/plans.ts";
import { standInNote } from "../../../domain/runs/stand-in-note.ts";
import { isolationLevel } from "../../../sandbox/sandbox.ts";
import { type Clock, dayOf } from "../../../shared/clock.ts";
import { DomainError } from "../../../shared/errors.ts";
import type { JsonObject } from "../../../shared/json.ts";
import { measure } from "../../../shared/payload.ts";
import { mistakenFor } from "../../skills/skill-access.ts";
import type { SkillService, VersionPin } from "../../skills/skill-service.ts";
import { refusalsPart, versionPart } from "../../skills/skill-view.ts";
import { spendingProblems } from "../../wallet/spending.ts";
import { freeComputeSpent } from "../run/free-compute.ts";
import type { Terms } from "./admission.ts";
import { type Admission, trustRequired } from "./admission.ts";
import { changeSinceLast } from "./purchase-change.ts";

export interface QuoteRequest extends VersionPin {
  readonly skill_id: string;
  readonly input?: JsonObject | undefined;
}

export interface QuoteParts {
  readonly store: Store;
  readonly skills: SkillService;
  readonly admission: Admission;
  readonly limitsOf: PlanLimits;
  readonly clock: Clock;
}

/**
 * Quotes: the cost of an invocation and the obstacles to it. Nothing is held, charged or recorded.
 */
export class QuoteService {
  readonly #parts: QuoteParts;

  constructor(parts: QuoteParts) {
    this.#parts = parts;
  }

  async quote(caller: Caller, { skill_id, input, ...pin }: QuoteRequest) {
    const { skills, admission, store, clock } = this.#parts;
    const listed = await skills.load(caller, skill_id, pin);
    const { skill, version } = listed;
    const given = input && measure(input);
    const terms = admission.terms(listed, given ?? measure({}));
    const { operatorId } = caller;
    const { balanceCents } = await store.memo(`cents:${operatorId}`, (r) =>
      r.ledger.balanceOf(operatorId),
    );
    const obstacles: DomainError[] = [];
    for await (const obstacle of admission.obstacles(caller, listed, given, terms.holdCents))
      obstacles.push(obstacle);
    const purchase = {
      skillId: skill.id,
      publisherId: skill.publisher_id,
      holdCents: terms.holdCents,
    };
    obstacles.push(...(await overspentBy(store, caller, purchase, clock.now())));
    if (terms.holdCents > balanceCents) obstacles.push(tooPoor(terms.holdCents, balanceCents));
    const runsHere = isRunHere(version.execution_mode);
    if (runsHere) obstacles.push(...(await this.#computeObstacles(caller, terms)));
    const change = await store.read((r) => changeSinceLast(r, operatorId, listed));
    const trust = await skills.judgeTrust(caller, trustRequired(listed));
    const { publisher, others } = await store.memo(`whose:${skill.id}`, async (r) => ({
      publisher: await r.operators.find(skill.publisher_id),
      others: await mistakenFor(r, skill),
    }));
    return {
      skill_id: skill.id,
      name: skill.name,
      publisher: publisher?.name ?? "",
      not_to_be_taken_for: others.length === 0 ? undefined : others,
      ...versionPart(version),
      would_be_accepted: obstacles.length === 0,
      obstacles: obstacles.map(({ code, message, details }) => ({
        code,
        message,
        details: details || undefined,
      })),
      price_cents: terms.priceCents,
      reserve_cents: terms.reserveCents,
      service_reserve_cents: terms.serviceCents,
      hold_cents: terms.holdCents,
      ...(needsApproval(caller.passport?.mandate, terms.holdCents) ? { needs_approval: true } : {}),
      balance_cents: balanceCents,
      ...(change === undefined ? {} : { since_last_purchase: change }),
      trust,
      input_checked: input !== undefined,
      ...(input === undefined && skill.example_input !== null
        ? { example_input: skill.example_input }
        : {}),
      egress_hosts: version.egress_hosts,
      ...(version.volatile === 1 ? { volatile: true } : {}),
      ...refusalsPart(version),
      services: runsHere ? await admission.services(caller, listed) : version.required_credentials,
      isolation: runsHere ? isolationLevel() : ("provider" as const),
      // Whoever buys should know to whom its input goes, and no more of what a sealed skill does.
      ...(admission.usesStandIn(listed)
        ? { stand_in: true, note: standInNote(providersOf(version.pipeline)) }
        : {}),
      model_providers: providersOf(version.pipeline),
      expires_after_seconds: version.invocation_ttl_seconds,
    };
  }

  /**
   * Finds the day's bound on unpaid compute, where it leaves no room for a run on these terms.
   */
  async #computeObstacles(caller: Caller, terms: Terms): Promise<DomainError[]> {
    const { store, clock, limitsOf } = this.#parts;
    const { operatorId, plan } = caller;
    const day = dayOf(clock.now());
    const cap = limitsOf(plan).free_compute_micro_usd_per_day;
    const { microUsd } = await store.memo(`free:${operatorId}:${day}`, (r) =>
      r.freeCompute.usedOn(operatorId, day),
    );
    const needed = terms.priceCents === 0 ? terms.microUsd : 1;
    return microUsd + needed > cap ? [freeComputeSpent(caller, cap)] : [];
  }
}

/** Finds the limits of mandates and budgets that leave no room for a purchase. */
async function overspentBy(
  store: Store,
  { agent, passport }: Caller,
  purchase: Purchase,
  now: number,
) {
  if (!agent) return [];
  const spender = { agent_id: agent.id, passport_id: passport?.jti ?? null };
  return store.read((r) => spendingProblems(r, spender, purchase, now));
}

function tooPoor(requiredCents: number, balanceCents: number): DomainError {
  const message = `The hold is ${requiredCents} cents and the wallet has ${balanceCents} to spend. stack_topup adds money.`;
  return new DomainError("INSUFFICIENT_CREDITS", message, {
    required_cents: requiredCents,
    balance_cents: balanceCents,
  });
}
