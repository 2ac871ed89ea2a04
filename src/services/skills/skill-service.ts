import semver from "semver";
import type { Skill, SkillVersion } from "../../../storage/repositories/skill-rows.ts";
import { placeOf, type SkillFilter } from "../../../storage/repositories/skill-search.ts";
import type { ListedSkill } from "../../../storage/repositories/skills.ts";
import type { Reader, Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/caller.ts";
import type { ExecutionMode, SkillSort, SkillStatus, TrustLevel } from "../../domain/skill.ts";
import { claimFor, satisfies, trustLevelOf } from "../../domain/trust.ts";
import { asStarted } from "../../shared/as-started.ts";
import { type Clock, isoTime } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { byId, decodeCursor, encodeCursor, type Page, pageOf, requireCursor } from "../page.ts";
import { findSkill, isVisible, requireVisible } from "./skill-access.ts";
import {
  type DetailOptions,
  detailOf,
  type SkillDetail,
  type SkillSummary,
  summaryOf,
  versionPart,
} from "./skill-view.ts";

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface BrowseRequest extends PageRequest {
  readonly search?: string | undefined;
  readonly status: SkillStatus;
  readonly trust_level?: TrustLevel | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly execution_mode?: ExecutionMode | undefined;
  readonly max_price_cents?: number | undefined;
  readonly free?: boolean | undefined;
  readonly sort?: SkillSort | undefined;
  readonly offset?: number | undefined;
}

export interface BrowseAnswer extends Page<SkillSummary> {
  /** What to do about an empty answer. */
  readonly note?: string;
}

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

/** Ranks are no place in an order that stays, so the cursor of a ranked page counts. */
type RankedPlace = readonly ["relevance", number];
type SortedPlace = readonly [Exclude<SkillSort, "relevance">, number, number];

const EMPTY =
  "The marketplace is empty. `stack-mcp seed` fills it with examples; stack_publish_skill offers a skill of your own.";

/** Finding skills and knowing what they ask of a caller. */
export class SkillService {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async browse(caller: Caller, asked: BrowseRequest): Promise<BrowseAnswer> {
    // A blank search is none.
    const request = { ...asked, search: asked.search?.trim() || undefined };
    const sort = request.sort ?? (request.search === undefined ? "newest" : "relevance");
    if (sort === "relevance" && request.search === undefined) {
      throw misuse("sort", "sort by relevance needs a search.");
    }
    if (request.cursor !== undefined && request.offset !== undefined) {
      throw misuse("offset", "cursor and offset exclude each other: give one.");
    }
    const start = startOf(request, sort);
    const filter: SkillFilter = {
      text: request.search,
      tags: request.tags,
      status: request.status,
      trustLevel: request.trust_level,
      mode: request.execution_mode,
      maxPriceCents: request.max_price_cents,
      free: request.free,
      publisherId: request.status === "active" ? undefined : caller.operatorId,
      sort,
      limit: request.limit,
      ...start,
    };
    // Who counts by offset gets as many as asked for.
    const counted = request.offset !== undefined;
    const key = `browse:${counted}:${JSON.stringify(filter)}`;
    const page = await this.#store.memo(key, async (r) => pageOfSkills(await r.skills.search(filter), filter, counted));
    return page.items.length === 0 ? { ...page, ...(await this.#noteOnNothing(request)) } : page;
  }

  /** Throws SKILL_NOT_FOUND for what is missing and for what the caller may not see. */
  async get(caller: Caller, skillId: string, options: DetailOptions = {}): Promise<SkillDetail> {
    return this.#store.read(async (r) => {
      const skill = await requireVisible(r, caller, skillId);
      return detailOf(r, caller, { skill, version: await r.skills.getVersion(skill.version_id) }, options);
    });
  }

  async listOwn(
    caller: Caller,
    request: PageRequest & { readonly status?: SkillStatus | undefined },
  ): Promise<Page<SkillSummary>> {
    const after = request.cursor === undefined ? undefined : seqPlace(request.cursor);
    const { status, limit } = request;
    const filter = { status, publisherId: caller.operatorId, sort: "newest", limit, after } as const;
    return pageBySeq(await this.#store.read((r) => r.skills.search(filter)), limit);
  }

  /** The immutable versions of a skill, newest first. */
  async listVersions(caller: Caller, skillId: string, request: PageRequest) {
    requireCursor("sver", request.cursor);
    return this.#store.read(async (r) => {
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

  async listFavorites(caller: Caller, request: PageRequest): Promise<Page<SkillSummary>> {
    const before = request.cursor === undefined ? undefined : seqPlace(request.cursor).seq;
    const { operatorId } = caller;
    return pageBySeq(
      await this.#store.read((r) => r.skills.listFavorites(operatorId, request.limit, before)),
      request.limit,
    );
  }

  async setFavorite(caller: Caller, skillId: string, favorite: boolean) {
    return this.#store.transact([caller.operatorId], async (t) => {
      const { id } = await requireVisible(t, caller, skillId);
      if (favorite) await t.skills.addFavorite(caller.operatorId, id);
      else await t.skills.removeFavorite(caller.operatorId, id);
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

  /** Claims that are not given are the operator's own, as the server knows them. */
  async judgeTrust(
    caller: Caller,
    required: TrustLevel,
    claims?: readonly { readonly claim_type: string }[],
  ): Promise<TrustAnswer> {
    const held = claims ?? (await this.#activeClaims(caller));
    return judge(trustLevelOf(held.map((claim) => claim.claim_type)), required);
  }

  /** A skill that the caller may see, in its current or its pinned version. Throws SKILL_NOT_FOUND, or NOT_FOUND for the pin. */
  async load(caller: Caller, skillId: string, pin: VersionPin = {}): Promise<ListedSkill> {
    const key = `skill:${JSON.stringify([skillId, pin.version, pin.digest])}`;
    const found = await this.#store.memo(key, (r) => findPinned(r, skillId, pin));
    if (!found || !isVisible(found.skill, caller)) throw new DomainError("SKILL_NOT_FOUND");
    const { skill, version, approved } = found;
    if (version && mayUse(caller, skill, version, approved)) return { skill, version };
    throw new DomainError("NOT_FOUND", "The skill has no such version. stack_list_skill_versions shows those it has.");
  }

  /** With a passport, those that it carries. */
  async #activeClaims({ operatorId, passport }: Caller) {
    const claims = await this.#store.memo(`claims:${operatorId}`, (r) => r.operators.listClaims(operatorId));
    const now = this.#clock.now();
    const carried = passport ? claims.filter(({ id }) => passport.claimIds.includes(id)) : claims;
    return carried.filter(({ expires_at }) => expires_at === null || expires_at > now);
  }

  async #noteOnNothing(request: BrowseRequest): Promise<{ note?: string }> {
    const all = { status: "active", sort: "newest", limit: 1 } as const;
    const empty = (await this.#store.read((r) => r.skills.search(all))).length === 0;
    if (empty) {
      return { note: asStarted(EMPTY) };
    }
    if (request.search === undefined)
      return { note: "No skill fits these filters, or the page is behind the last one." };
    return { note: "No skill has all of these words. Search for fewer, or ask with stack_post_skill_request." };
  }
}

async function findPinned(r: Reader, skillId: string, pin: VersionPin) {
  const skill = await findSkill(r, skillId);
  if (!skill) return undefined;
  const pinned = pin.version !== undefined || pin.digest !== undefined;
  const version = pinned ? await r.skills.findVersion(skill.id, pin) : await r.skills.getVersion(skill.version_id);
  return { skill, version, approved: version !== undefined && (await r.skills.isApproved(version.id)) };
}

/** A pin reaches what was offered to others and not withdrawn: no version that an admin did not let pass, and none too old. */
function mayUse(caller: Caller, skill: Skill, version: SkillVersion, approved: boolean): boolean {
  if (skill.publisher_id === caller.operatorId) return true;
  if (skill.min_version !== null && semver.lt(version.version, skill.min_version)) return false;
  return skill.review === "auto" || approved || caller.scopes.includes("admin");
}

function pageOfSkills(
  found: readonly Skill[],
  { sort, limit, offset }: SkillFilter,
  counted: boolean,
): Page<SkillSummary> {
  const shown = found.slice(0, limit);
  const items = shown.map(summaryOf);
  if (counted) return { items };
  return pageOf(items, found.length, (_, index) => encodeCursor(placeAfter(shown, index, sort, offset)));
}

function startOf(request: BrowseRequest, sort: SkillSort) {
  if (request.cursor === undefined) return { offset: request.offset };
  if (sort === "relevance") return { offset: decodeCursor(request.cursor, isRankedPlace)[1] };
  const [, value, seq] = decodeCursor(request.cursor, isSortedPlace(sort));
  return { after: { value, seq }, offset: undefined };
}

function placeAfter(shown: readonly Skill[], index: number, sort: SkillSort, offset = 0): RankedPlace | SortedPlace {
  if (sort === "relevance") return [sort, offset + index + 1];
  const { value, seq } = placeOf(shown[index] as Skill, sort);
  return [sort, value, seq];
}

function isRankedPlace(value: unknown): value is RankedPlace {
  return Array.isArray(value) && value[0] === "relevance" && Number.isSafeInteger(value[1]) && value[1] >= 0;
}

function isSortedPlace(sort: SkillSort) {
  return (value: unknown): value is SortedPlace =>
    Array.isArray(value) && value[0] === sort && Number.isFinite(value[1]) && Number.isSafeInteger(value[2]);
}

function seqPlace(cursor: string): { value: number; seq: number } {
  const [, value, seq] = decodeCursor(cursor, isSortedPlace("newest"));
  return { value, seq };
}

function pageBySeq(found: readonly Skill[], limit: number): Page<SkillSummary> {
  const shown = found.slice(0, limit);
  const cursorOf = (_: SkillSummary, index: number) => encodeCursor(placeAfter(shown, index, "newest"));
  return pageOf(shown.map(summaryOf), found.length, cursorOf);
}

function judge(level: TrustLevel, required: TrustLevel): TrustAnswer {
  const allowed = satisfies(level, required);
  const evaluation = allowed
    ? "Trust requirements met"
    : `The skill requires ${required} and these claims reach ${level}. An active ${claimFor(required)} claim would do.`;
  return { allowed, required_level: required, your_level: level, evaluation };
}

function misuse(field: string, message: string): DomainError {
  return new DomainError("INVALID_REQUEST", message, { field });
}
