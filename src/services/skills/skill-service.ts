import type { ListedSkill, Skill } from "../../../storage/repositories/skills.ts";
import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/caller.ts";
import type { SkillStatus, TrustLevel } from "../../domain/skill.ts";
import { claimFor, satisfies, trustLevelOf } from "../../domain/trust.ts";
import { DomainError } from "../../shared/errors.ts";
import { isId } from "../../shared/ids.ts";
import { type Page, pageOf, requireCursor } from "../page.ts";
import { detailOf, type SkillDetail, type SkillSummary, summaryOf } from "./skill-view.ts";

export interface BrowseRequest {
  readonly search?: string | undefined;
  readonly status: SkillStatus;
  readonly trust_level?: TrustLevel | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly limit: number;
  readonly offset?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface TrustAnswer {
  readonly allowed: boolean;
  readonly required_level: TrustLevel;
  readonly your_level: TrustLevel;
  readonly evaluation: string;
}

/** Finding skills and knowing what they ask of a caller. */
export class SkillService {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async browse(caller: Caller, request: BrowseRequest): Promise<Page<SkillSummary>> {
    if (request.cursor !== undefined && request.offset !== undefined) {
      throw new DomainError("INVALID_REQUEST", "cursor and offset exclude each other: give one.", { field: "offset" });
    }
    requireCursor("skl", request.cursor);
    const found = await this.#store.read((r) =>
      r.skills.list({
        search: request.search,
        status: request.status,
        trustLevel: request.trust_level,
        tags: request.tags,
        limit: request.limit,
        offset: request.offset,
        beforeId: request.cursor,
        publisherId: request.status === "active" ? undefined : caller.operatorId,
      }),
    );
    const items = found.slice(0, request.limit).map(summaryOf);
    // Who counts by offset must get what was asked for.
    return request.offset === undefined ? pageOf(items, found.length) : { items };
  }

  /** Throws SKILL_NOT_FOUND for what is missing and for what the caller may not see. */
  async get(caller: Caller, skillId: string): Promise<SkillDetail> {
    return detailOf(await this.load(caller, skillId));
  }

  /** Without `claims`: may this caller invoke the skill? With them: would these claims do? */
  async checkTrust(
    caller: Caller,
    skillId: string,
    claims: readonly { readonly claim_type: string }[] | undefined,
  ): Promise<TrustAnswer> {
    const { version } = await this.load(caller, skillId);
    const claimTypes = claims?.map((claim) => claim.claim_type) ?? (await this.#claimTypes(caller));
    return judge(trustLevelOf(claimTypes), version.trust_level_required);
  }

  /** Throws TRUST_LEVEL_INSUFFICIENT. Claims are the operator's own, as the server knows them. */
  async requireTrust(caller: Caller, required: TrustLevel): Promise<void> {
    if (required === "L0") return;
    const { allowed, evaluation, your_level } = judge(trustLevelOf(await this.#claimTypes(caller)), required);
    if (allowed) return;
    throw new DomainError("TRUST_LEVEL_INSUFFICIENT", evaluation, { required_level: required, your_level });
  }

  /** A skill that the caller may see, with its current version. */
  async load(caller: Caller, skillId: string): Promise<ListedSkill> {
    return this.#store.read(async (r) => {
      const skill = isId("skl", skillId) ? await r.skills.find(skillId) : undefined;
      if (!skill || !isVisible(skill, caller)) throw new DomainError("SKILL_NOT_FOUND");
      return { skill, version: await r.skills.getVersion(skill.version_id) };
    });
  }

  async #claimTypes(caller: Caller): Promise<string[]> {
    return this.#store.read((r) => r.operators.activeClaimTypes(caller.operatorId));
  }
}

function isVisible(skill: Skill, caller: Caller): boolean {
  return skill.status === "active" || skill.status === "unlisted" || skill.publisher_id === caller.operatorId;
}

function judge(level: TrustLevel, required: TrustLevel): TrustAnswer {
  const allowed = satisfies(level, required);
  const evaluation = allowed
    ? "Trust requirements met"
    : `The skill requires ${required} and these claims reach ${level}. An active ${claimFor(required)} claim would do.`;
  return { allowed, required_level: required, your_level: level, evaluation };
}
