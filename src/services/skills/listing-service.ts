import { distance } from "fastest-levenshtein";
import type { SkillFilter } from "../../../storage/read-models/skill-filter.ts";
import { placeOf } from "../../../storage/read-models/skill-search.ts";
import type { Skill } from "../../../storage/repositories/skill-rows.ts";
import type { Reader } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import type {
  ExecutionMode,
  SkillSort,
  SkillStatus,
  TrustLevel,
} from "../../domain/market/skill.ts";
import { asStarted } from "../../shared/as-started.ts";
import { invalidRequest } from "../../shared/errors.ts";
import { decodeCursor, encodeCursor, type Page, type PageRequest, pageOf } from "../pagination.ts";
import { listingsOf, type SkillListing } from "./skill-view.ts";

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

export interface BrowseAnswer extends Page<SkillListing> {
  /** A note on what an answer lacks, and on the next step. */
  readonly note?: string;
}

/** Ranks are no place in an order that stays, so the cursor of a ranked page counts. */
type RankedPlace = readonly ["relevance", number];
type SortedPlace = readonly [Exclude<SkillSort, "relevance">, number, number];

const EMPTY =
  "The marketplace is empty. `stack-mcp seed` fills it with examples; stack_publish_skill offers a skill of your own.";

const NO_FIT = "No skill fits these filters, or the page is behind the last one.";
const NO_WORD = "No skill has any of these words";
const NEAREST = ": these have the nearest names";
const ASK = "stack_post_skill_request asks for a missing skill.";
const PARTIAL = "No skill has all of these words: the skills with the most of them come first.";
/** The skills, most used first, whose names are compared with a word that is found nowhere. */
const COMPARED = 2_000;
const SHOWN_NEAREST = 3;
const MAX_UNLIKE = 0.4;

export interface ListingParts {
  readonly store: Store;
}

/** Lists skills for buyers and publishers. */
export class ListingService {
  readonly #parts: ListingParts;

  constructor(parts: ListingParts) {
    this.#parts = parts;
  }

  async browse(caller: Caller, asked: BrowseRequest): Promise<BrowseAnswer> {
    // A blank search is none.
    const request = { ...asked, search: asked.search?.trim() || undefined };
    const sort = request.sort ?? (request.search === undefined ? "newest" : "relevance");
    if (sort === "relevance" && request.search === undefined) {
      throw invalidRequest("sort", "sort by relevance needs a search.");
    }
    if (request.cursor !== undefined && request.offset !== undefined) {
      throw invalidRequest("offset", "cursor and offset exclude each other: give one.");
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
    return this.#parts.store.memo(key, async (r) => {
      const { skills, isPartial } = await r.skills.searchWords(filter);
      if (skills.length === 0) return nothingFound(r, filter);
      const page = await pageOfSkills(r, skills, filter, counted);
      return isPartial ? { ...page, note: PARTIAL } : page;
    });
  }

  async listOwn(
    caller: Caller,
    request: PageRequest & { readonly status?: SkillStatus | undefined },
  ): Promise<Page<SkillListing>> {
    const after = request.cursor === undefined ? undefined : seqPlace(request.cursor);
    const { status, limit } = request;
    const filter = {
      status,
      publisherId: caller.operatorId,
      sort: "newest",
      limit,
      after,
    } as const;
    return this.#parts.store.read(async (r) => pageBySeq(r, await r.skills.search(filter), limit));
  }

  async listFavorites(caller: Caller, request: PageRequest): Promise<Page<SkillListing>> {
    const before = request.cursor === undefined ? undefined : seqPlace(request.cursor).seq;
    const { operatorId } = caller;
    const { limit } = request;
    return this.#parts.store.read(async (r) =>
      pageBySeq(r, await r.favorites.list(operatorId, limit, before), limit),
    );
  }
}

/** Explains an empty page. Where no word occurs, returns the skills with the nearest names. */
async function nothingFound(
  r: Reader,
  { text, status, offset }: SkillFilter,
): Promise<BrowseAnswer> {
  const all = { status: "active", sort: "newest", limit: 1 } as const;
  if ((await r.skills.search(all)).length === 0) return { items: [], note: asStarted(EMPTY) };
  if (text === undefined || status !== "active" || (offset ?? 0) > 0)
    return { items: [], note: NO_FIT };
  const near = nearestTo(
    text,
    await r.skills.search({ ...all, sort: "invocations", limit: COMPARED }),
  );
  return {
    items: await listingsOf(r, near),
    note: `${NO_WORD}${near.length === 0 ? "" : NEAREST}. ${ASK}`,
  };
}

function nearestTo(text: string, skills: readonly Skill[]): Skill[] {
  const words = text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 2);
  const distances = skills.map((skill) => ({
    skill,
    far: Math.min(
      ...skill.name.split("-").flatMap((part) => words.map((word) => unlikeness(word, part))),
    ),
  }));
  const near = distances
    .filter(({ far }) => far <= MAX_UNLIKE)
    .sort((one, other) => one.far - other.far);
  return near.slice(0, SHOWN_NEAREST).map(({ skill }) => skill);
}

function unlikeness(word: string, part: string): number {
  return distance(word, part) / Math.max(word.length, part.length);
}

async function pageOfSkills(
  r: Reader,
  found: readonly Skill[],
  { sort, limit, offset }: SkillFilter,
  counted: boolean,
): Promise<Page<SkillListing>> {
  const shown = found.slice(0, limit);
  const items = await listingsOf(r, shown);
  if (counted) return { items };
  return pageOf(items, found.length, (_, index) =>
    encodeCursor(placeAfter(shown, index, sort, offset)),
  );
}

function startOf(request: BrowseRequest, sort: SkillSort) {
  if (request.cursor === undefined) return { offset: request.offset };
  if (sort === "relevance") return { offset: decodeCursor(request.cursor, isRankedPlace)[1] };
  const [, value, seq] = decodeCursor(request.cursor, isSortedPlace(sort));
  return { after: { value, seq }, offset: undefined };
}

function placeAfter(
  shown: readonly Skill[],
  index: number,
  sort: SkillSort,
  offset = 0,
): RankedPlace | SortedPlace {
  if (sort === "relevance") return [sort, offset + index + 1];
  const { value, seq } = placeOf(shown[index] as Skill, sort);
  return [sort, value, seq];
}

function isRankedPlace(value: unknown): value is RankedPlace {
  return (
    Array.isArray(value) &&
    value[0] === "relevance" &&
    Number.isSafeInteger(value[1]) &&
    value[1] >= 0
  );
}

function isSortedPlace(sort: SkillSort) {
  return (value: unknown): value is SortedPlace =>
    Array.isArray(value) &&
    value[0] === sort &&
    Number.isFinite(value[1]) &&
    Number.isSafeInteger(value[2]);
}

function seqPlace(cursor: string): { value: number; seq: number } {
  const [, value, seq] = decodeCursor(cursor, isSortedPlace("newest"));
  return { value, seq };
}

async function pageBySeq(
  r: Reader,
  found: readonly Skill[],
  limit: number,
): Promise<Page<SkillListing>> {
  const shown = found.slice(0, limit);
  const cursorOf = (_: SkillListing, index: number) =>
    encodeCursor(placeAfter(shown, index, "newest"));
  return pageOf(await listingsOf(r, shown), found.length, cursorOf);
}
