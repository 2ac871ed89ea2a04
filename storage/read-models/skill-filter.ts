import type {
  ExecutionMode,
  SkillSort,
  SkillStatus,
  TrustLevel,
} from "../../src/domain/market/skill.ts";

export interface SkillFilter {
  /**
   * A person's words, never read as a query language. Sorted by relevance one of them has to occur,
   * and who has all of them comes first; sorted otherwise all have to.
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
