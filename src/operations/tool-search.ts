import { stemmer } from "stemmer";
import type { Operation } from "./define-operation.ts";
import { SAID_FOR, SMALL_WORDS } from "./tool-words.ts";
import type { Toolset } from "./toolsets.ts";

const SHOWN = 8;
/**
 * A whole word counts more than the beginning of one, and a word of theirs more than ours for it.
 */
const PART_WEIGHT = 0.3;
const SYNONYM_WEIGHT = 0.6;
const FIELD_WEIGHTS = { name: 4, title: 3, description: 1 } as const;

const MADE = new WeakMap<readonly Operation[], Promise<ToolSearch>>();

/**
 * Finds operations by their own words: rare words weigh more, and words match by their stems.
 */
export class ToolSearch {
  readonly #byName: ReadonlyMap<string, Operation>;
  readonly #index: import("minisearch").default;

  private constructor(
    operations: readonly Operation[],
    MiniSearch: typeof import("minisearch").default,
  ) {
    this.#byName = new Map(operations.map((operation) => [operation.name, operation]));
    this.#index = new MiniSearch({
      idField: "name",
      fields: Object.keys(FIELD_WEIGHTS),
      tokenize: wordsOf,
      processTerm,
    });
    this.#index.addAll(
      operations.map(({ name, title, description }) => ({
        name,
        title,
        description: ownWords(description),
      })),
    );
  }

  /**
   * The search over what a session may run, made when somebody first looks for a tool there; its
   * library is loaded then.
   */
  static over(operations: readonly Operation[]): Promise<ToolSearch> {
    const made =
      MADE.get(operations) ??
      import("minisearch").then((library) => new ToolSearch(operations, library.default));
    MADE.set(operations, made);
    return made;
  }

  /** Returns at most eight operations, best first; only of one toolset when it is given. */
  find(query: string, toolset?: Toolset): Operation[] {
    const exact = this.#byName.get(query.trim().toLowerCase());
    if (exact) return [exact];
    const terms = wordsOf(query)
      .map(processTerm)
      .filter((term) => term !== null);
    const ours = terms.flatMap((term) =>
      (SYNONYMS.get(term) ?? []).filter((one) => !terms.includes(one)),
    );
    const found = this.#index.search([...terms, ...ours].join(" "), {
      boost: FIELD_WEIGHTS,
      prefix: (term) => term.length > 3,
      weights: { prefix: PART_WEIGHT, fuzzy: 0 },
      boostTerm: (term) => (terms.includes(term) ? 1 : SYNONYM_WEIGHT),
      // They are stems already.
      processTerm: (term) => term,
    });
    return found
      .flatMap(({ id }) => this.#byName.get(String(id)) ?? [])
      .filter((operation) => toolset === undefined || operation.toolset === toolset)
      .slice(0, SHOWN);
  }
}

const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(SAID_FOR).map(([word, ours]) => [
    stemmer(word),
    ours.split(" ").map((one) => stemmer(one)),
  ]),
);

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]{2,}/g) ?? [];
}

function processTerm(word: string): string | null {
  return SMALL_WORDS.has(word) ? null : stemmer(word);
}

/** A description names other tools; what those are about is not what this one is. */
function ownWords(description: string): string {
  return description.replace(/stack_[a-z_]+/g, "");
}
