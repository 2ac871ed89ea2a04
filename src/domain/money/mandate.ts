import { DomainError } from "../../shared/errors.ts";
import type { Json } from "../../shared/json.ts";

/**
 * Bounds on what may be spent under a passport. Whatever is left out is not bounded by it. Amounts
 * are US cents.
 */
export interface Mandate {
  /** Held or charged, by it and all passports delegated from it. */
  readonly max_total_cents?: number | undefined;
  /** The hold of one invocation. */
  readonly max_per_call_cents?: number | undefined;
  /** Only these skills, by id. */
  readonly skills?: readonly string[] | undefined;
  /** Only skills of these publishers, by id. */
  readonly publishers?: readonly string[] | undefined;
  /** A larger hold waits for the operator's approval. */
  readonly approve_over_cents?: number | undefined;
}

/** A purchase as the limits of its buyer see it. */
export interface Purchase {
  readonly skillId: string;
  readonly publisherId: string;
  readonly holdCents: number;
}

/**
 * The owner of a limit that a purchase meets: a passport with its mandate, or an agent with its
 * budget.
 */
export interface LimitOwner {
  /** A jti, or the id of an agent. */
  readonly id: string;
  /** The first words of a sentence about it. */
  readonly words: string;
  /** The field that the counters are fields of. */
  readonly field: "mandate" | "budget";
  /** Tells who changes it, and how. */
  readonly remedy: string;
}

/** The skills that may be bought, and the publishers that they may be bought of. */
type Choice = Pick<Mandate, "skills" | "publishers">;

/**
 * The lists of a mandate or budget that lack a purchase, as refusals; nothing when both allow it.
 */
export function choiceProblems(
  owner: LimitOwner,
  { skills, publishers }: Choice,
  purchase: Purchase,
): DomainError[] {
  const { skillId, publisherId } = purchase;
  const lacking = (counter: "skills" | "publishers", whose: string, id: string) =>
    exceeded(owner, {
      counter,
      why: `does not name ${whose}`,
      change: `This limit would let it pass with ${id} among them.`,
    });
  return [
    ...(skills && !skills.includes(skillId) ? [lacking("skills", "this skill", skillId)] : []),
    ...(publishers && !publishers.includes(publisherId)
      ? [lacking("publishers", "this skill's publisher", publisherId)]
      : []),
  ];
}

/**
 * All that a mandate has against a purchase by itself, its total aside; nothing when it allows it.
 */
export function mandateProblems(
  passportId: string,
  mandate: Mandate,
  purchase: Purchase,
): DomainError[] {
  const owner = passportOwner(passportId);
  const { max_per_call_cents: most } = mandate;
  const { holdCents } = purchase;
  const unnamed = choiceProblems(owner, mandate, purchase);
  if (most === undefined || holdCents <= most) return unnamed;
  const tooDear = exceeded(owner, {
    counter: "max_per_call_cents",
    why: `allows ${most} cents a call, and the hold would be ${holdCents}`,
    change: `This limit would let it pass with ${holdCents}.`,
    details: { limit_cents: most, hold_cents: holdCents },
  });
  return [...unnamed, tooDear];
}

/** The total of one passport of a lineage. */
export interface SpentTotal {
  readonly passportId: string;
  /** True: it is the caller's own. False: the caller's came from it. */
  readonly isOwn: boolean;
  readonly limitCents: number;
  readonly spentCents: number;
}

export function totalExceeded(total: SpentTotal, holdCents: number): DomainError {
  const { passportId, isOwn, limitCents, spentCents } = total;
  const whose = isOwn ? "" : `of ${passportId}, which this one came from, `;
  const why = `${whose}allows ${limitCents} cents in all; ${spentCents} are held or charged, and the hold would be ${holdCents}`;
  return exceeded(passportOwner(passportId), {
    counter: "max_total_cents",
    why,
    change: `This limit would let it pass with ${spentCents + holdCents} in all.`,
    details: leftOf(limitCents, spentCents, holdCents),
  });
}

export function needsApproval(mandate: Mandate | undefined, holdCents: number): boolean {
  return mandate?.approve_over_cents !== undefined && holdCents > mandate.approve_over_cents;
}

export function leftOf(limitCents: number, spentCents: number, holdCents: number) {
  return {
    limit_cents: limitCents,
    left_cents: Math.max(0, limitCents - spentCents),
    hold_cents: holdCents,
  };
}

interface Excess {
  readonly counter: string;
  readonly why: string;
  /** A sentence with the smallest change that would let the purchase pass. */
  readonly change: string;
  readonly details?: Readonly<Record<string, Json>>;
}

/**
 * Names the counter, whose it is and its limit, and the smallest change that would let the
 * purchase pass.
 */
export function exceeded(
  owner: LimitOwner,
  { counter, why, change, details }: Excess,
): DomainError {
  const { id, words, field, remedy } = owner;
  const message = `${words} (${counter}) ${why}. Nothing was held. ${change} ${remedy}`;
  return new DomainError("MANDATE_EXCEEDED", message, {
    field: `${field}.${counter}`,
    counter,
    owner: id,
    ...details,
  });
}

function passportOwner(jti: string): LimitOwner {
  return {
    id: jti,
    words: "The passport's mandate",
    field: "mandate",
    remedy: "Whoever issued the passport can issue one with more.",
  };
}
