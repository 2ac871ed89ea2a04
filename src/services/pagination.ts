import { type DomainError, invalidRequest } from "../shared/errors.ts";
import { type IdPrefix, isId } from "../shared/ids.ts";
import type { Json } from "../shared/json.ts";
import { LIMITS } from "../shared/limits.ts";

export interface Page<Item> {
  readonly items: Item[];
  /** The place at which the next page begins; absent on the last page. */
  readonly next_cursor?: string;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Throws INVALID_REQUEST for a cursor that no page returned. */
export function requireCursor(prefix: IdPrefix, cursor: string | undefined): void {
  if (cursor !== undefined && !isId(prefix, cursor)) throw foreignCursor();
}

/**
 * Makes a page that a model can read: the page ends early, between two items, when it grows past
 * about 5,000 tokens. `found` has one item more than fits when there are further ones. `cursorOf`
 * names the place after an item.
 */
export function pageOf<Item extends object>(
  items: readonly Item[],
  found: number,
  cursorOf: (item: Item, index: number) => string,
): Page<Item> {
  let chars = 0;
  const kept: Item[] = [];
  for (const item of items) {
    chars += JSON.stringify(item).length;
    if (kept.length > 0 && chars > LIMITS.pageChars) break;
    kept.push(item);
  }
  const last = kept.at(-1);
  if (found <= kept.length || !last) return { items: kept };
  return { items: kept, next_cursor: cursorOf(last, kept.length - 1) };
}

export function byId(item: { readonly id: string }): string {
  return item.id;
}

/** Encodes a cursor that carries more than an id. Its form is internal. */
export function encodeCursor(place: Json): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** Throws INVALID_REQUEST for what `isPlace` does not recognise. */
export function decodeCursor<Place>(
  cursor: string,
  isPlace: (value: unknown) => value is Place,
): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (isPlace(place)) return place;
  } catch {
    // The same as a text of another form.
  }
  throw foreignCursor();
}

function foreignCursor(): DomainError {
  return invalidRequest("cursor", "cursor must be the next_cursor of a page of this listing.");
}
