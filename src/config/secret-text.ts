/** Returns a secret without the blanks around it. */
export function secretText(given: string): string {
  return given.trim();
}

/**
 * Returns the reason that a text cannot be a key, found early; undefined for a possible key.
 */
export function secretProblem(given: string): string | undefined {
  const text = secretText(given);
  if (/^(["'`]).*\1$/s.test(text)) return "is in quotes: remove the quotes";
  if (/^bearer\s/i.test(text)) return "begins with Bearer: give only the key";
  if (/^\$\w+$|\$\{/.test(text)) return "is a variable that was not replaced by its value";
  if (/\s/.test(text)) return "has blanks or line breaks inside";
  return /[^\x21-\x7e]/.test(text) ? "has characters that no key has" : undefined;
}
