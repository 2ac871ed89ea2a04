import { typeidUnboxed } from "typeid-js";

/**
 * Prefixes of the ids in use. An id is `prefix_` and 26 characters of base32 UUIDv7, so ids sort by
 * creation.
 */
export type IdPrefix =
  | "op"
  | "key"
  | "clm"
  | "skl"
  | "sver"
  | "sinv"
  | "hold"
  | "ltx"
  | "aud"
  | "inst"
  | "proc"
  | "sreq"
  | "wtxn"
  | "tup"
  | "rfd"
  | "pyt"
  | "scon"
  | "agt"
  | "enr"
  | "pp"
  | "ses"
  | "chk"
  | "msn"
  | "idv";

/** An id of one kind of thing. */
export type Id<Prefix extends IdPrefix> = `${Prefix}_${string}`;

/** Makes an id of its kind. Ids sort by the time at which they were made. */
export function newId<Prefix extends IdPrefix>(prefix: Prefix): Id<Prefix> {
  return typeidUnboxed(prefix) as Id<Prefix>;
}

/**
 * Tells whether a text has the form of an id. One without that form is NOT_FOUND, as a missing id
 * is.
 */
export function isId<Prefix extends IdPrefix>(prefix: Prefix, text: string): text is Id<Prefix> {
  return ID_PATTERN.test(text) && text.startsWith(`${prefix}_`);
}

const ID_PATTERN = /^[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
