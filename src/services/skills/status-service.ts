import type { Skill } from "../../../storage/repositories/skill-rows.ts";
import type { Reader, Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { AuditAction } from "../../domain/audit/audit-actions.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { offeredStatus } from "../../domain/market/review.ts";
import type { ReviewMode } from "../../domain/market/skill.ts";
import type { PlanLimits } from "../../domain/money/plans.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";
import { requireServedOperator } from "../auth/live-authorization.ts";
import { decodeCursor, encodeCursor, type Page, type PageRequest, pageOf } from "../pagination.ts";
import { requireOwn, requireRoom } from "./skill-access.ts";
import { type SkillSummary, summaryOf } from "./skill-view.ts";

const DEFAULT_REASON = "Rejected by admin";

export interface StatusParts {
  readonly store: Store;
  readonly limitsOf: PlanLimits;
  /** The host's rule, which also binds skills published before it. */
  readonly review: ReviewMode;
}

/** Changes the status of a skill: for its publisher, and for an admin who reviews it. */
export class StatusService {
  readonly #parts: StatusParts;

  constructor(parts: StatusParts) {
    this.#parts = parts;
  }

  /** Suspends a skill: nobody can invoke it; running invocations continue to their end. */
  async suspend(caller: Caller, skillId: string): Promise<SkillSummary> {
    return this.#change(caller, skillId, "skill.suspend", () => ({ status: "suspended" }));
  }

  /**
   * Offers a skill again. Under manual review an unapproved version goes to the queue instead.
   */
  async activate(caller: Caller, skillId: string): Promise<SkillSummary> {
    return this.#change(caller, skillId, "skill.activate", (skill) => ({
      status: offeredStatus({ ...skill, unlisted: 0 }),
      unlisted: 0,
      review: skill.review,
      rejection_reason: null,
    }));
  }

  /**
   * Unlists a skill: it can be invoked by id and is in no listing. Throws SKILL_NOT_ACTIVE for a
   * skill that waits for review.
   */
  async unlist(caller: Caller, skillId: string): Promise<SkillSummary> {
    return this.#change(caller, skillId, "skill.unlist", (skill) => {
      if (offeredStatus(skill) !== "pending_review") return { status: "unlisted", unlisted: 1 };
      throw new DomainError(
        "SKILL_NOT_ACTIVE",
        "The skill's version is not approved yet: it can be unlisted after its approval.",
      );
    });
  }

  /** Lists every skill that waits for review, newest first. */
  async listPendingReviews(_admin: Caller, request: PageRequest): Promise<Page<SkillSummary>> {
    const after = request.cursor === undefined ? undefined : decodeCursor(request.cursor, isPlace);
    const filter = { status: "pending_review", sort: "newest", limit: request.limit } as const;
    const place = after === undefined ? undefined : { value: after, seq: after };
    const found = await this.#parts.store.read((r) => r.skills.search({ ...filter, after: place }));
    const shown = found.slice(0, request.limit);
    return pageOf(shown.map(summaryOf), found.length, (_, index) =>
      encodeCursor(shown[index]?.seq ?? 0),
    );
  }

  /**
   * Approves the current version. With `digest`, only the version that it names: the reviewer has
   * read that one. Throws SKILL_NOT_FOUND, SKILL_NOT_ACTIVE for a skill that does not wait,
   * VERSION_CONFLICT.
   */
  async approve(admin: Caller, skillId: string, digest: string | undefined): Promise<SkillSummary> {
    return this.#judge(admin, skillId, {
      digest,
      action: "skill.approve",
      decide: (skill) => ({
        status: offeredStatus({ ...skill, approved_version_id: skill.version_id }),
        approved_version_id: skill.version_id,
        rejection_reason: null,
      }),
    });
  }

  /**
   * Rejects a skill: it is suspended, and each of its later versions is reviewed, whatever its
   * publisher sets.
   */
  async reject(
    admin: Caller,
    skillId: string,
    {
      reason = DEFAULT_REASON,
      digest,
    }: { readonly reason?: string | undefined; readonly digest?: string | undefined },
  ): Promise<SkillSummary> {
    const verdict = {
      status: "suspended",
      rejection_reason: reason,
      review: "manual",
      review_locked: 1,
    } as const;
    return this.#judge(admin, skillId, { digest, action: "skill.reject", decide: () => verdict });
  }

  async #change(
    caller: Caller,
    skillId: string,
    action: AuditAction,
    decide: Decide,
  ): Promise<SkillSummary> {
    return this.#parts.store.transact([caller.operatorId], async (t) => {
      await requireServedOperator(t, caller.operatorId);
      const own = await requireOwn(t, caller, skillId);
      const skill: Skill = this.#parts.review === "manual" ? { ...own, review: "manual" } : own;
      if (skill.status === "suspended" && action !== "skill.suspend")
        await requireRoom(t, caller, this.#parts.limitsOf);
      return apply(t, caller, { skill, action, decide });
    });
  }

  async #judge(
    admin: Caller,
    skillId: string,
    {
      digest,
      action,
      decide,
    }: {
      readonly digest: string | undefined;
      readonly action: AuditAction;
      readonly decide: Decide;
    },
  ): Promise<SkillSummary> {
    const find = async (r: Reader) => (isId("skl", skillId) ? r.skills.find(skillId) : undefined);
    const { publisher_id: publisherId } = (await this.#parts.store.read(find)) ?? notFound();
    return this.#parts.store.transact([publisherId, admin.operatorId], async (t) => {
      const skill = (await find(t)) ?? notFound();
      if (skill.status !== "pending_review") {
        throw new DomainError(
          "SKILL_NOT_ACTIVE",
          `The skill does not wait for review: it is ${skill.status}.`,
        );
      }
      const current = await t.skills.versionName(skill.version_id);
      if (digest !== undefined && digest !== current.digest) {
        const message = `The skill has changed since: its version is ${current.version}. Read it again with stack_get_skill.`;
        throw new DomainError("VERSION_CONFLICT", message, {
          version: current.version,
          digest: current.digest,
        });
      }
      if (action === "skill.approve") await t.skills.approve(skill, admin.operatorId);
      return apply(t, admin, { skill, action, decide });
    });
  }
}

function notFound(): never {
  throw new DomainError("SKILL_NOT_FOUND");
}

type Decide = (
  skill: Skill,
) => Partial<
  Pick<
    Skill,
    "status" | "unlisted" | "approved_version_id" | "rejection_reason" | "review" | "review_locked"
  >
>;

/** Told in the publisher's chain, and in the admin's where another one decides. */
async function apply(
  t: Transaction,
  by: Caller,
  {
    skill,
    action,
    decide,
  }: { readonly skill: Skill; readonly action: AuditAction; readonly decide: Decide },
): Promise<SkillSummary> {
  const change = decide(skill);
  await t.skills.update(skill.id, change);
  const details = {
    skill_id: skill.id,
    version: skill.version,
    status: change.status ?? skill.status,
  };
  for (const operatorId of new Set([skill.publisher_id, by.operatorId])) {
    await t.audit.append({ operatorId, action, outcome: "success", details });
  }
  return summaryOf({ ...skill, ...change });
}

function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
