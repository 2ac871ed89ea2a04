/**
 * Facts of a field beyond JSON Schema, kept in its metadata. Faces and tests read them; no client
 * is shown one.
 */
export const FIELD_MARKS = {
  /** The kind of thing that the field's id names: its prefix, or "nothing". */
  names: "x-names",
  /** The kind of thing an open value stands for: "schema". */
  holds: "x-holds",
  /** Marks a text that clients copy from an answer, so that its length needs no description. */
  copied: "x-copied",
  /** The meaning of a field that is left out. */
  absent: "x-absent",
  /** Marks a number that is cut to its bounds; the answer has a note. */
  cut: "x-cut",
  /** Marks a field that is accepted and not shown to models. */
  unshown: "x-unshown",
  /** The name of a shape that several answers have, in OpenAPI. */
  shape: "x-shape",
} as const;

/** Left out, a field asks for no more, and grants no more, than with any value. */
export const ABSENT_IS_LESS = { [FIELD_MARKS.absent]: "less" } as const;
/**
 * Left out, a field asks for more, or grants more: no bound, everything. It is never to be left out
 * by mistake.
 */
export const ABSENT_IS_MORE = { [FIELD_MARKS.absent]: "more" } as const;
/** Left out, a field stays what it is. */
export const ABSENT_STAYS = { [FIELD_MARKS.absent]: "stays" } as const;
/** Its text is copied from an answer: clients are shown no length. */
export const COPIED = { [FIELD_MARKS.copied]: true } as const;
/** Taken as its bound when it is beyond: how long to wait is a wish. The result has a `note`. */
export const CUT = { [FIELD_MARKS.cut]: true } as const;
/** Accepted, and not shown to models. */
export const UNSHOWN = { [FIELD_MARKS.unshown]: true } as const;

/** Names a shape that several answers have. */
export function shapeNamed(name: string) {
  return { [FIELD_MARKS.shape]: name };
}
