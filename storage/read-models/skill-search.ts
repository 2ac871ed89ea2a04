import { CompiledQuery, type Kysely, type Selectable } from "kysely";
import type { SkillSort } from "../../src/domain/market/skill.ts";
import type { Schema } from "../schema/index.ts";
import type { SkillsTable } from "../schema/skills.ts";
import type { Group } from "./search-terms.ts";
import { anyOf, groupsOf, inListing, NOTHING, termsOf } from "./search-terms.ts";
import type { SkillFilter } from "./skill-filter.ts";

type Row = Selectable<SkillsTable>;
/** A condition with a question mark for each of its values. */
type Condition = readonly [text: string, ...values: readonly (string | number)[]];

/**
 * The columns that skills are sorted by. Each has an index that begins with the status and goes on
 * with `seq`.
 */
const SORT_COLUMNS = {
  newest: "seq",
  rating: "rating_score",
  invocations: "invocation_count",
  price: "price_cents",
  relevance: "seq",
} as const satisfies Record<SkillSort, keyof Row>;

/**
 * A word in the name weighs more than one in the tags, and that more than one in the description.
 */
const WEIGHTS = "bm25(8, 2, 4, 0, 0, 2)";
const BY_RANK: Condition = ["skills_fts.rank"];
/** So many matches of words that are not as asked are ranked, the newest. */
const RANKED = 500;

/** The place of a skill in a listing, for the cursor of the page after it. */
export function placeOf(
  skill: Pick<Row, "seq" | "rating_score" | "invocation_count" | "price_cents">,
  sort: SkillSort,
) {
  return { value: skill[SORT_COLUMNS[sort]], seq: skill.seq };
}

/** Skills that were found. */
interface FoundRows {
  readonly rows: Row[];
  /** True: none of them has all of the words. */
  readonly isPartial: boolean;
}

/**
 * One more than `limit` when there are further ones. The statement is put together as text:
 * browsing is what everybody does most, and building a query tree takes longer than running it.
 */
export async function findSkills(db: Kysely<Schema>, filter: SkillFilter): Promise<FoundRows> {
  const { text, sort } = filter;
  if (text === undefined)
    return { rows: await select(db, filter, { order: orderOf(sort) }), isPartial: false };
  const groups = groupsOf(text);
  if (groups.length === 0) return { rows: [], isPartial: false };
  if (sort === "relevance") return findRanked(db, filter, groups);
  const words = inListing(anyOf(groups), " AND ");
  // The index gives its places in order, and sorts nothing.
  const order: Condition = sort === "newest" ? ["skills_fts.rowid desc"] : orderOf(sort);
  return { rows: await select(db, filter, { words, order }), isPartial: false };
}

/**
 * Puts first who has all of the words as asked, then who has another word for some, then who has
 * most of them. A page that the first fill asks for no more, and of the last the newest are looked
 * at: ranking takes as long as there are matches.
 */
async function findRanked(
  db: Kysely<Schema>,
  filter: SkillFilter,
  groups: readonly Group[],
): Promise<FoundRows> {
  const { limit, offset = 0 } = filter;
  const wanted = offset + limit + 1;
  const all = { ...filter, limit: wanted - 1, offset: 0 };
  const found = new Map<string, Row>();
  const add = (rows: readonly Row[]) => {
    for (const row of rows) if (!found.has(row.id)) found.set(row.id, row);
  };
  add(
    await select(db, all, {
      words: inListing(
        groups.map(({ word }) => word),
        " AND ",
      ),
      order: BY_RANK,
    }),
  );
  if (found.size < wanted) {
    const words = inListing(anyOf(groups), " AND ");
    const since = await newest(db, words);
    if (since !== null) add(await select(db, all, { words, order: BY_RANK, since }));
  }
  const isPartial = found.size === 0;
  if (found.size < wanted && groups.length > 1) {
    const words = inListing(anyOf(groups), " OR ");
    const since = await newest(db, words);
    if (since !== null) add(await select(db, all, { words, order: byMost(groups, since), since }));
  }
  return { rows: [...found.values()].slice(offset, wanted), isPartial };
}

/** Part of a selection beside its filter. */
interface Selection {
  readonly order: Condition;
  /** The question to the index about the texts of a listing. */
  readonly words?: string;
  /** The place in the index from which on it is asked. */
  readonly since?: number;
}

async function select(
  db: Kysely<Schema>,
  filter: SkillFilter,
  { words, order, since }: Selection,
): Promise<Row[]> {
  const terms = [...(words === undefined ? [] : [words]), ...termsOf(filter)];
  if (terms.includes(NOTHING)) return [];
  // From the index to the skills and never the other way: a plain join may run the match once for
  // every row.
  const from =
    terms.length > 0 ? "skills_fts cross join skills on skills.seq = skills_fts.rowid" : "skills";
  const place: Condition[] = since === undefined ? [] : [["skills_fts.rowid >= ?", since]];
  const conditions = [
    ...matching(terms, filter.sort === "relevance"),
    ...place,
    ...conditionsOf(filter),
  ];
  const where = conditions.map(([text]) => text).join(" and ");
  const [by, ...ordered] = order;
  const text = `select skills.* from ${from} where ${where} order by ${by} limit ? offset ?`;
  const values = [...conditions.flatMap(([, ...bound]) => bound), ...ordered];
  const query = CompiledQuery.raw(text, [...values, filter.limit + 1, filter.offset ?? 0]);
  return (await db.executeQuery<Row>(query as CompiledQuery<Row>)).rows;
}

/**
 * The place in the index behind which so many match as are ranked at most; null when none matches.
 */
async function newest(db: Kysely<Schema>, words: string): Promise<number | null> {
  const text =
    "select min(place) as since from (select rowid as place from skills_fts where skills_fts match ? order by rowid desc limit ?)";
  const query = CompiledQuery.raw(text, [words, RANKED]);
  const { rows } = await db.executeQuery<{ since: number | null }>(
    query as CompiledQuery<{ since: number | null }>,
  );
  return rows[0]?.since ?? null;
}

/** By how many of the words are there, whichever word for each. */
function byMost(groups: readonly Group[], since: number): Condition {
  const has =
    "(skills_fts.rowid in (select rowid from skills_fts where skills_fts match ? and rowid >= ?))";
  const all = groups.map(() => has).join(" + ");
  return [
    `${all} desc, skills_fts.rank`,
    ...anyOf(groups).flatMap((term) => [inListing([term], ""), since]),
  ];
}

function matching(terms: readonly string[], isRanked: boolean): Condition[] {
  if (terms.length === 0) return [];
  const match: Condition = ["skills_fts match ?", terms.map((term) => `(${term})`).join(" AND ")];
  return isRanked ? [match, ["skills_fts.rank match ?", WEIGHTS]] : [match];
}

function conditionsOf(filter: SkillFilter): Condition[] {
  const { free, sort, after } = filter;
  return [
    ...equal("status", filter.status),
    ...equal("publisher_id", filter.publisherId),
    ...equal("trust_level_required", filter.trustLevel),
    ...equal("execution_mode", filter.mode),
    ...equal("accepts_requests", filter.acceptsRequests ? 1 : undefined),
    ...(filter.maxPriceCents === undefined
      ? []
      : [["skills.price_cents <= ?", filter.maxPriceCents] as const]),
    ...(free === undefined ? [] : [[`skills.price_cents ${free ? "=" : ">"} 0`] as const]),
    ...(filter.tags ?? []).map(hasTag),
    ...(after === undefined ? [] : [beyond(sort, after)]),
  ];
}

function equal(column: keyof Row, value: string | number | undefined): Condition[] {
  return value === undefined ? [] : [[`skills.${column} = ?`, value]];
}

/** LIKE's wildcards are plain text here. */
function hasTag(tag: string): Condition {
  return ["skills.tags like ? escape '\\'", `%${JSON.stringify(tag).replace(/[\\%_]/g, "\\$&")}%`];
}

function beyond(
  sort: SkillSort,
  after: { readonly value: number; readonly seq: number },
): Condition {
  if (sort === "newest") return ["skills.seq < ?", after.seq];
  const direction = sort === "price" ? ">" : "<";
  return [`(skills.${SORT_COLUMNS[sort]}, skills.seq) ${direction} (?, ?)`, after.value, after.seq];
}

function orderOf(sort: SkillSort): Condition {
  if (sort === "relevance") return BY_RANK;
  if (sort === "newest") return ["skills.seq desc"];
  const direction = sort === "price" ? "asc" : "desc";
  return [`skills.${SORT_COLUMNS[sort]} ${direction}, skills.seq ${direction}`];
}
