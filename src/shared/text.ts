/** The beginning of a text, at most `chars` UTF-16 units, never half a character; what was half before is marked so (U+FFFD). */
export function cut(text: string, chars: number): string {
  const end = text.length > chars && isHigh(text.charCodeAt(chars - 1)) ? chars - 1 : chars;
  return text.slice(0, end).toWellFormed();
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}
