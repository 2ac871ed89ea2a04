import { folded, isUnspaced, searchText, searchWord } from "../../src/domain/market/search-text.ts";
import { knownWordsIn, othersFor } from "../../src/domain/market/synonyms.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import type { SkillFilter } from "./skill-filter.ts";

const SEGMENTER = new Intl.Segmenter("ja", { granularity: "word" });

/** Other words that one search asks for, all together: each is weighed against the whole index. */
const MAX_OTHERS = 24;

const PREFIX_FROM_CHARS = 3;

/** These tell nothing of a skill, and looking them up means ranking nearly all of them. */
const STOP_WORDS = new Set(
  "a about all an and any are as at be by can could do does for from has have how i in into is it its me my need of off on or our out please should skill skills some something that the them then there these they this those to use using want was were what when where which will with would you your au aus auf aux com da dans das de dei del della den der des die dem di do du ein eine einem einen einer el en et für fur ich il im in la las le les lo los mein mich mir mit mon o os para par por pour qui sur su un una und une vom von von y zu zum zur".split(
    " ",
  ),
);

/** Stands for words of which none can be looked up. */
export const NOTHING = "";

/** Questions to the index beside the words, which all have to hold. */
export function termsOf({
  anyOf: loose,
  inputFields,
  outputFields,
  tags = [],
}: SkillFilter): string[] {
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

export function inListing(terms: readonly string[], joint: string): string {
  if (terms.length === 0) return NOTHING;
  return `{found_name found_description found_tags found_publisher} : (${terms.join(joint)})`;
}

export interface Group {
  /** The word itself. */
  readonly word: string;
  /** The word, or another for the same. */
  readonly any: string;
}

export function anyOf(groups: readonly Group[]): string[] {
  return groups.map(({ any }) => any);
}

/**
 * For each word that is asked for: it, as the beginning of a word too, and any word for the same.
 */
export function groupsOf(text: string): Group[] {
  const words = wordsOf(text).flatMap(partsOf).slice(0, LIMITS.searchWords);
  const most = Math.ceil(MAX_OTHERS / words.length);
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
