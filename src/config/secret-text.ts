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
  if (/^(["'`]).*\1$/s.test(text)) return "is in quotes: remove the quotes";
  if (/^bearer\s/i.test(text)) return "begins with Bearer: give only the key";
  if (/^\$\w+$|\$\{/.test(text)) return "is a variable that was not replaced by its value";
  if (/\s/.test(text)) return "has blanks or line breaks inside";
  return /[^\x21-\x7e]/.test(text) ? "has characters that no key has" : undefined;
}
