import type { Invocation } from "../../../storage/repositories/invocations.ts";
import type { Reader } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { isTerminal } from "../../domain/runs/invocation.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";
import { requireVisible } from "./skill-access.ts";

export interface RateRequest {
  readonly skill_id: string;
  readonly rating: number;
  readonly invocation_id?: string | undefined;
}

export interface RatingParts {
  readonly store: Store;
}

/** Ratings of skills by buyers who used them. */
export class RatingService {
  readonly #parts: RatingParts;

  constructor(parts: RatingParts) {
    this.#parts = parts;
  }

  /**
   * Rates the version that an invocation of the caller's ran; by default the last completed one. A
   * second rating of the same version replaces the first. Throws SKILL_NOT_FOUND,
   * INVOCATION_NOT_FOUND, or FORBIDDEN for the caller's own skill and for an unused one.
   */
  async rate(caller: Caller, request: RateRequest) {
    const { publisher_id: publisherId } = await this.#parts.store.read((r) =>
      requireVisible(r, caller, request.skill_id),
    );
    // The listing that a rating changes is its publisher's.
    return this.#parts.store.transact([caller.operatorId, publisherId], async (t) => {
      const skill = await requireVisible(t, caller, request.skill_id);
      if (skill.publisher_id === caller.operatorId) {
        throw new DomainError("FORBIDDEN", "You cannot rate your own skill.");
      }
      const used = await usedBy(t, caller, skill.id, request.invocation_id);
      await t.ratings.put({
        skill_id: skill.id,
        version_id: used.version_id,
        operator_id: caller.operatorId,
        invocation_id: used.id,
        rating: request.rating,
        paid_cents: used.publisher_cents < used.price_cents ? used.price_cents : 0,
      });
      await t.ratings.summarise(skill.id, skill.price_cents);
      const details = { skill_id: skill.id, invocation_id: used.id, rating: request.rating };
      const event = { action: "skill.rate", outcome: "success", details } as const;
      await t.audit.append({ operatorId: caller.operatorId, ...event });
      const { version } = await t.skills.getVersion(used.version_id);
      const after = await t.skills.find(skill.id);
      return {
        skill_id: skill.id,
        version,
        rating: request.rating,
        average_rating: after?.average_rating ?? null,
        rating_count: after?.rating_count ?? 0,
      };
    });
  }

  async summary(caller: Caller, skillId: string) {
    return this.#parts.store.read(async (r) => {
      const skill = await requireVisible(r, caller, skillId);
      const tally = await r.ratings.tally(skill.id);
      const [own] = await r.ratings.listOf(skill.id, caller.operatorId);
      const versions = [...new Set(tally.map(({ version }) => version))];
      return {
        skill_id: skill.id,
        average_rating: skill.average_rating,
        rating_count: skill.rating_count,
        invocation_count: skill.invocation_count,
        counted: skill.price_cents > 0 ? "operators who paid for it" : "operators who used it",
        distribution: distributionOf(tally),
        versions: versions.map((version) => {
          const of = tally.filter((one) => one.version === version);
          const count = of.reduce((sum, one) => sum + one.count, 0);
          const total = of.reduce((sum, one) => sum + one.count * one.rating, 0);
          return {
            version,
            average_rating: Math.round((total / count) * 100) / 100,
            rating_count: count,
          };
        }),
        your_rating: own ? own.rating : undefined,
      };
    });
  }
}

/** Counts all ratings by stars. */
function distributionOf(tally: readonly { readonly rating: number; readonly count: number }[]) {
  const of = (stars: number) =>
    tally.reduce((sum, one) => sum + (one.rating === stars ? one.count : 0), 0);
  return { "1": of(1), "2": of(2), "3": of(3), "4": of(4), "5": of(5) };
}

async function usedBy(
  r: Reader,
  caller: Caller,
  skillId: string,
  invocationId: string | undefined,
): Promise<Invocation> {
  if (invocationId === undefined) {
    const last = await r.invocations.findLastCompleted(caller.operatorId, skillId);
    if (last) return last;
    throw new DomainError(
      "FORBIDDEN",
      "You can rate a skill once an invocation of yours has completed: stack_invoke_skill.",
    ).afterAction();
  }
  const found = isId("sinv", invocationId) ? await r.invocations.find(invocationId) : undefined;
  if (found?.buyer_id !== caller.operatorId || found.skill_id !== skillId)
    throw new DomainError("INVOCATION_NOT_FOUND");
  if (found.status === "completed") return found;
  const error = new DomainError(
    "FORBIDDEN",
    `Only a completed invocation can be rated; this one is ${found.status}.`,
  );
  throw isTerminal(found.status) ? error : error.afterAction();
}
