/**
 * The beginning of a text, at most `chars` UTF-16 units, never half a character; what was half
 * before is marked so (U+FFFD).
 */
export function cut(text: string, chars: number): string {
  const end = text.length > chars && isHigh(text.charCodeAt(chars - 1)) ? chars - 1 : chars;
  return text.slice(0, end).toWellFormed();
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

const CONTROL = /[\p{Cc}--[\n\r\t]]/gv;

/** A text for a terminal, which it does not command: control characters are shown as escapes. */
export function printable(text: string): string {
  return text.replace(
    CONTROL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
