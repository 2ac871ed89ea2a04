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

export function newId(prefix: IdPrefix): string {
  return typeidUnboxed(prefix);
}

/** Text that is not of an id's form is not looked up: it is the same NOT_FOUND as a missing one. */
export function isId(prefix: IdPrefix, text: string): boolean {
  return ID_PATTERN.test(text) && text.startsWith(`${prefix}_`);
}

const ID_PATTERN = /^[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
