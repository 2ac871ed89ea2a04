import type { Json } from "../../shared/json.ts";

/** A character that readers do not see, or that changes what they see. */
export interface HiddenCharacter {
  /** Characters before it. */
  readonly at: number;
  /** `U+202E` */
  readonly code: string;
}

/**
 * Controls but tab and line ends, characters that Unicode lets a reader ignore, and those that turn
 * a text's direction.
 */
const HIDDEN =
  /[[\p{Cc}--[\t\n\r]]\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cs}\uFFF9-\uFFFB]/v;

/** Scripts whose letters are joined, or kept from joining, by an invisible character. */
const JOINED = `[${[
  ...[
    "Arabic",
    "Syriac",
    "Mongolian",
    "Devanagari",
    "Bengali",
    "Gurmukhi",
    "Gujarati",
    "Oriya",
    "Tamil",
  ],
  ...["Telugu", "Kannada", "Malayalam", "Sinhala", "Khmer", "Myanmar"],
]
  .map((script) => `\\p{Script=${script}}`)
  .join("")}]`;

/**
 * Invisible characters that belong to what is seen: within an emoji, between joined letters, behind
 * a character they vary.
 */
const SEEN: readonly RegExp[] = [
  /\p{RGI_Emoji}/gv,
  /\p{Emoji}\uFE0E/gv,
  new RegExp(`(?<=${JOINED})[\\u200C\\u200D](?=${JOINED})`, "gv"),
  /\p{Script=Han}[\u{FE00}-\u{FE02}\u{E0100}-\u{E01EF}]/gv,
];

/**
 * The first character of a text that hides something from whoever reads it; undefined for a text
 * that hides nothing.
 */
export function hiddenCharacter(text: string): HiddenCharacter | undefined {
  if (!HIDDEN.test(text)) return undefined;
  // What belongs to something that is seen is not looked at.
  const bare = SEEN.reduce(
    (left, seen) => left.replace(seen, (found) => " ".repeat(found.length)),
    text,
  );
  const found = HIDDEN.exec(bare);
  if (!found) return undefined;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return { at: [...text.slice(0, found.index)].length, code: `U+${code}` };
}

/**
 * The rule that a text breaks, for an error that names its field; undefined for a text that hides
 * nothing.
 */
export function hiddenTextProblem(text: string): string | undefined {
  const hidden = hiddenCharacter(text);
  return (
    hidden && `has a hidden character, ${hidden.code}, after ${hidden.at} characters. Leave it out`
  );
}

/** The same of every name and text in a JSON value. */
export function hiddenJsonProblem(value: Json | undefined): string | undefined {
  const waiting: { readonly value: unknown; readonly path: string }[] = [{ value, path: "" }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value: node, path } = next;
    if (typeof node === "string") {
      const problem = hiddenTextProblem(node);
      if (problem !== undefined) return path === "" ? problem : `${problem} (in ${path})`;
    } else if (typeof node === "object" && node !== null) {
      for (const [name, inner] of Object.entries(node)) {
        const problem = hiddenTextProblem(name);
        if (problem !== undefined)
          return `${problem} (in a name at ${path === "" ? "the top" : path})`;
        waiting.push({ value: inner, path: path === "" ? name : `${path}.${name}` });
      }
    }
  }
  return undefined;
}
