/** JSON on one line, with blanks where it may be broken; a text as it is. */
export function spaced(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
}
