import { CompiledQuery, type Kysely, type Selectable } from "kysely";
import { folded, isUnspaced, searchText, searchWord } from "../../src/domain/market/search-text.ts";
import type {
  ExecutionMode,
  SkillSort,
  SkillStatus,
  TrustLevel,
} from "../../src/domain/market/skill.ts";
import { knownWordsIn, othersFor } from "../../src/domain/market/synonyms.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import type { Schema } from "../schema/index.ts";
import type { SkillsTable } from "../schema/skills.ts";

export interface SkillFilter {
  /**
   * A person's words, never read as a query language. Sorted by relevance one of them has to occur, and who has all of them
   * comes first; sorted otherwise all have to.
   */
  readonly text?: string | undefined;
  /** Words one of which has to occur. */
  readonly anyOf?: string | undefined;
  /** Property names one of which the input or output schema has to have. */
  readonly inputFields?: readonly string[] | undefined;
  readonly outputFields?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly status?: SkillStatus | undefined;
  readonly trustLevel?: TrustLevel | undefined;
  readonly mode?: ExecutionMode | undefined;
  readonly maxPriceCents?: number | undefined;
  readonly free?: boolean | undefined;
  readonly acceptsRequests?: boolean | undefined;
  readonly publisherId?: string | undefined;
  /** `relevance` needs words. */
  readonly sort: SkillSort;
  readonly limit: number;
  readonly offset?: number | undefined;
  /** The place of the last skill of the page before. */
  readonly after?: { readonly value: number; readonly seq: number } | undefined;
}

type Row = Selectable<SkillsTable>;
/** A condition with a question mark for each of its values. */
type Condition = readonly [text: string, ...values: readonly (string | number)[]];

/** What a skill is sorted by. Each has an index that begins with the status and goes on with `seq`. */
const SORT_COLUMNS = {
  newest: "seq",
  rating: "rating_score",
  invocations: "invocation_count",
  price: "price_cents",
  relevance: "seq",
} as const satisfies Record<SkillSort, keyof Row>;

/** A word in the name weighs more than one in the tags, and that more than one in the description. */
const WEIGHTS = "bm25(8, 2, 4, 0, 0, 2)";
const SEGMENTER = new Intl.Segmenter("ja", { granularity: "word" });
const BY_RANK: Condition = ["skills_fts.rank"];
/** So many matches of words that are not as asked are ranked, the newest. */
const RANKED = 500;
/** Other words that one search asks for, all together: each is weighed against the whole index. */
const MOST_OTHERS = 24;
const PREFIX_FROM_CHARS = 3;
/** These tell nothing of a skill, and looking them up means ranking nearly all of them. */
const STOP_WORDS = new Set(
  "a about all an and any are as at be by can could do does for from has have how i in into is it its me my need of off on or our out please should skill skills some something that the them then there these they this those to use using want was were what when where which will with would you your au aus auf aux com da dans das de dei del della den der des die dem di do du ein eine einem einen einer el en et für fur ich il im in la las le les lo los mein mich mir mit mon o os para par por pour qui sur su un una und une vom von von y zu zum zur".split(
    " ",
  ),
);

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
 * One more than `limit` when there are further ones. The statement is put together as text: browsing is what everybody does
 * most, and building a query tree takes longer than running it.
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
  // From the index to the skills and never the other way: a plain join may run the match once for every row.
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

/** What LIKE would read as a wildcard is plain text. */
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

/** Stands for words of which none can be looked up. */
const NOTHING = "";

/** Questions to the index beside the words, which all have to hold. */
function termsOf({ anyOf: loose, inputFields, outputFields, tags = [] }: SkillFilter): string[] {
  const words =
    loose === undefined
      ? []
      : wordsOf(searchText(loose)).filter(isPair).slice(0, LIMITS.looseWords);
  return [
    ...(loose === undefined ? [] : [inListing(words.map(whole), " OR ")]),
    ...(inputFields === undefined ? [] : [anyField("input_fields", inputFields)]),
    ...(outputFields === undefined ? [] : [anyField("output_fields", outputFields)]),
    ...tags.filter(isSearchable).map((tag) => `found_tags : ${phrase(searchWord(tag))}`),
  ];
}

function inListing(terms: readonly string[], joint: string): string {
  if (terms.length === 0) return NOTHING;
  return `{found_name found_description found_tags found_publisher} : (${terms.join(joint)})`;
}

interface Group {
  /** The word itself. */
  readonly word: string;
  /** The word, or another for the same. */
  readonly any: string;
}

function anyOf(groups: readonly Group[]): string[] {
  return groups.map(({ any }) => any);
}

/** For each word that is asked for: it, as the beginning of a word too, and any word for the same. */
function groupsOf(text: string): Group[] {
  const words = wordsOf(text).flatMap(partsOf).slice(0, LIMITS.searchWords);
  const most = Math.ceil(MOST_OTHERS / words.length);
  return words.map((word) => {
    const others = othersFor(word).filter(isSearchable).slice(0, most).map(whole);
    return { word: opened(word), any: `(${[opened(word), ...others].join(" OR ")})` };
  });
}

/** The words of a run of letters without spaces: those that a dictionary knows, or else the run. */
function partsOf(word: string): string[] {
  if (!isUnspaced(word) || [...word].length < 3) return [word];
  const parts = [...SEGMENTER.segment(word)]
    .filter(({ segment }) => [...segment].length > 1)
    .map(({ segment }) => segment);
  const known = knownWordsIn(word);
  const all = [...known, ...parts.filter((part) => !known.some((each) => each.includes(part)))];
  return all.length > 0 ? all : [word];
}

function whole(word: string): string {
  return phrase(searchWord(word));
}

function opened(word: string): string {
  return word.length >= PREFIX_FROM_CHARS || isUnspaced(word) ? `${whole(word)} *` : whole(word);
}

/** Of a text without spaces its pairs of letters tell something, a letter alone does not. */
function isPair(word: string): boolean {
  return word.length > 1 || !isUnspaced(word);
}

function anyField(column: string, names: readonly string[]): string {
  const searchable = names.filter(isSearchable).slice(0, LIMITS.looseWords);
  return searchable.length === 0 ? NOTHING : `${column} : (${searchable.map(phrase).join(" OR ")})`;
}

function wordsOf(text: string): string[] {
  const words = [...new Set(folded(text).split(/\s+/))].filter(isSearchable);
  const telling = words.filter((word) => !STOP_WORDS.has(word));
  return telling.length > 0 ? telling : words;
}

/** The index knows letters and digits; a word without any is found nowhere. */
function isSearchable(word: string): boolean {
  return /[\p{L}\p{N}]/u.test(word);
}

/** Quoted, so that what looks like query syntax is plain text. */
function phrase(word: string): string {
  return `"${word.replaceAll('"', '""').replaceAll("\0", "")}"`;
}
