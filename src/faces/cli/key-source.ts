import { readFileSync } from "node:fs";
import { DomainError } from "../../shared/errors.ts";
import { textOfFile } from "../../shared/text-file.ts";
import type { KeySource } from "./context.ts";

/** Public keys by URL, or in a file. Throws INVALID_REQUEST for a file that holds none. */
export function keySourceOf(given: string): KeySource {
  if (/^https?:\/\//.test(given)) return { jwksUrl: given };
  const text = textOfFile(given, "INVALID_REQUEST");
  try {
    const jwks = JSON.parse(text) as NonNullable<KeySource["jwks"]>;
    if (Array.isArray(jwks.keys)) return { jwks };
  } catch (error) {
    throw new DomainError(
      "INVALID_REQUEST",
      `${given} is no JWKS: it is not JSON.`,
      undefined,
      error,
    );
  }
  throw new DomainError("INVALID_REQUEST", `${given} is no JWKS: it has no keys.`);
}

/** A token as an argument, or `-` for standard input. */
export function tokenOf(given: string): string {
  return (given === "-" ? readFileSync(0, "utf8") : given).trim();
}
