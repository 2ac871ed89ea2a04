/** A secret as it was meant: what stands around it by mistake is dropped. */
export function secretText(given: string): string {
  return given.trim();
}

/**
 * The reason a text can be no key of anything, found before it fails far away; undefined for one
 * that may be.
 */
export function secretProblem(given: string): string | undefined {
  const text = secretText(given);
  if (/^(["'`]).*\1$/s.test(text)) return "is in quotes: leave them out";
  if (/^bearer\s/i.test(text)) return "begins with Bearer: give the key alone";
  if (/^\$\w+$|\$\{/.test(text)) return "is the name of a variable that nothing has filled in";
  if (/\s/.test(text)) return "has blanks or line breaks within";
  return /[^\x21-\x7e]/.test(text) ? "has characters that no key has" : undefined;
}
