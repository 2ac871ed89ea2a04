import semver from "semver";
import type { Skill, SkillVersion } from "../../../storage/repositories/skill-rows.ts";
import type { ListedSkill } from "../../../storage/repositories/skills.ts";
import type { Reader } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { claimFor, satisfies, trustLevelOf } from "../../domain/identity/trust.ts";
import type { TrustLevel } from "../../domain/market/skill.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError, invalidRequest } from "../../shared/errors.ts";
import { byId, type PageRequest, pageOf, requireCursor } from "../pagination.ts";
import { findSkill, isVisible, requireVisible } from "./skill-access.ts";
import { type DetailOptions, detailOf, type SkillDetail, versionPart } from "./skill-view.ts";

export interface VersionPin {
  readonly version?: string | undefined;
  readonly digest?: string | undefined;
}

export interface TrustAnswer {
  readonly allowed: boolean;
  readonly required_level: TrustLevel;
  readonly your_level: TrustLevel;
  readonly evaluation: string;
}

export interface SkillParts {
  readonly store: Store;
  readonly clock: Clock;
}

/** Shows skills, their versions, and the trust that they require. */
export class SkillService {
  readonly #parts: SkillParts;

  constructor(parts: SkillParts) {
    this.#parts = parts;
  }

  /** Throws SKILL_NOT_FOUND for what is missing and for what the caller may not see. */
  async get(caller: Caller, skillId: string, options: DetailOptions = {}): Promise<SkillDetail> {
    return this.#parts.store.read(async (r) => {
      const skill = await requireVisible(r, caller, skillId);
      return detailOf(
        r,
        caller,
        { skill, version: await r.skills.getVersion(skill.version_id) },
        options,
      );
    });
  }

  /**
   * Returns the id of the skill that `publisher/name` or a name alone means to the caller, its own
   * first; undefined for none. Throws INVALID_REQUEST for a name that several publishers use.
   */
  async idOf(caller: Caller, name: string): Promise<string | undefined> {
    const [skill = "", publisher] = name.trim().toLowerCase().split("/").reverse();
    const key = `named:${JSON.stringify([publisher, skill])}`;
    const named = await this.#parts.store.memo(key, (r) => r.skills.listNamed(skill, publisher));
    const visible = named.filter((each) => isVisible(each.skill, caller));
    const own = visible.find((each) => each.skill.publisher_id === caller.operatorId);
    const [one, ...others] = own ? [own] : visible;
    if (others.length === 0) return one?.skill.id;
    const choices = visible.map((each) => `${each.publisher}/${skill}`).join(", ");
    throw invalidRequest("skill_id", `Several publishers offer ${skill}: name one of ${choices}.`);
  }

  /** The immutable versions of a skill, newest first. */
  async listVersions(caller: Caller, skillId: string, request: PageRequest) {
    requireCursor("sver", request.cursor);
    return this.#parts.store.read(async (r) => {
      const skill = await requireVisible(r, caller, skillId);
      const found = await r.skills.listVersions(skill.id, request.limit, request.cursor);
      const items = found.slice(0, request.limit).map((version) => ({
        id: version.id,
        ...versionPart(version),
        current: version.id === skill.version_id,
        created_at: isoTime(version.created_at),
      }));
      return pageOf(items, found.length, byId);
    });
  }

  async setFavorite(caller: Caller, skillId: string, favorite: boolean) {
    return this.#parts.store.transact([caller.operatorId], async (t) => {
      const { id } = await requireVisible(t, caller, skillId);
      if (favorite) await t.favorites.insert(caller.operatorId, id);
      else await t.favorites.delete(caller.operatorId, id);
      return { skill_id: id, favorite };
    });
  }

  /** Without `claims`: may this caller invoke the skill? With them: would these claims do? */
  async checkTrust(
    caller: Caller,
    skillId: string,
    claims: readonly { readonly claim_type: string }[] | undefined,
  ): Promise<TrustAnswer> {
    const { version } = await this.load(caller, skillId);
    return this.judgeTrust(caller, version.trust_level_required, claims);
  }

  /** Judges the given claims, or else the caller's own active ones. */
  async judgeTrust(
    caller: Caller,
    required: TrustLevel,
    claims?: readonly { readonly claim_type: string }[],
  ): Promise<TrustAnswer> {
    const held = claims ?? (await this.#activeClaims(caller));
    return judge(trustLevelOf(held.map((claim) => claim.claim_type)), required);
  }

  /**
   * Loads a skill that the caller may see, in its current or its pinned version. Throws
   * SKILL_NOT_FOUND, or NOT_FOUND for the pin.
   */
  async load(caller: Caller, skillId: string, pin: VersionPin = {}): Promise<ListedSkill> {
    const key = `skill:${JSON.stringify([skillId, pin.version, pin.digest])}`;
    const found = await this.#parts.store.memo(key, (r) => findPinned(r, skillId, pin));
    if (!found || !isVisible(found.skill, caller)) throw new DomainError("SKILL_NOT_FOUND");
    const { skill, version, approved } = found;
    if (version && mayUse(caller, skill, version, approved)) return { skill, version };
    throw new DomainError(
      "NOT_FOUND",
      "The skill has no such version. stack_list_skill_versions shows those it has.",
    );
  }

  /** Returns the operator's active claims; with a passport, the claims that it carries. */
  async #activeClaims({ operatorId, passport }: Caller) {
    const claims = await this.#parts.store.memo(`claims:${operatorId}`, (r) =>
      r.operators.listClaims(operatorId),
    );
    const now = this.#parts.clock.now();
    const carried = passport ? claims.filter(({ id }) => passport.claimIds.includes(id)) : claims;
    return carried.filter(({ expires_at }) => expires_at === null || expires_at > now);
  }
}

async function findPinned(r: Reader, skillId: string, pin: VersionPin) {
  const skill = await findSkill(r, skillId);
  if (!skill) return undefined;
  // Whoever asks for the latest pins nothing.
  const named = pin.version === "latest" ? { digest: pin.digest } : pin;
  const pinned = named.version !== undefined || named.digest !== undefined;
  const version = pinned
    ? await r.skills.findVersion(skill.id, named)
    : await r.skills.getVersion(skill.version_id);
  return {
    skill,
    version,
    approved: version !== undefined && (await r.skills.isApproved(version.id)),
  };
}

/**
 * Tells whether a caller may pin a version: the publisher any version, others only an approved one,
 * if the skill is reviewed, from `min_version` on.
 */
function mayUse(caller: Caller, skill: Skill, version: SkillVersion, approved: boolean): boolean {
  if (skill.publisher_id === caller.operatorId) return true;
  if (skill.min_version !== null && semver.lt(version.version, skill.min_version)) return false;
  return skill.review === "auto" || approved || caller.scopes.includes("admin");
}

function judge(level: TrustLevel, required: TrustLevel): TrustAnswer {
  const allowed = satisfies(level, required);
  const evaluation = allowed
    ? "Trust requirements met"
    : `The skill requires ${required} and these claims reach ${level}. An active ${claimFor(required)} claim would do.`;
  return { allowed, required_level: required, your_level: level, evaluation };
}
