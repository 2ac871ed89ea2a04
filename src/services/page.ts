import { DomainError } from "../shared/errors.ts";
import { type IdPrefix, isId } from "../shared/ids.ts";
import { LIMITS } from "../shared/limits.ts";

export interface Page<Item> {
  readonly items: Item[];
  /** The id of the last item; absent on the last page. */
  readonly next_cursor?: string;
}

/** Throws INVALID_REQUEST for a cursor that no page gave out. */
export function requireCursor(prefix: IdPrefix, cursor: string | undefined): void {
  if (cursor === undefined || isId(prefix, cursor)) return;
  throw new DomainError("INVALID_REQUEST", "cursor is not one that a page gave out.", { field: "cursor" });
}

/**
 * A page that a model can read: it ends early, between two items, when it grows past about 5,000 tokens. `found` is how
 * many there were, one more than fit when there are further ones.
 */
export function pageOf<Item extends { readonly id: string }>(items: readonly Item[], found: number): Page<Item> {
  let chars = 0;
  const kept: Item[] = [];
  for (const item of items) {
    chars += JSON.stringify(item).length;
    if (kept.length > 0 && chars > LIMITS.pageChars) break;
    kept.push(item);
  }
  const last = kept.at(-1);
  return found > kept.length && last ? { items: kept, next_cursor: last.id } : { items: kept };
}
