import { readFileSync } from "node:fs";
import { DomainError } from "../shared/errors.ts";

/** The text of a file, undefined when there is none. Throws MISCONFIGURED when it is there and cannot be read. */
export function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new DomainError("MISCONFIGURED", `${path} cannot be read (${code ?? "error"}).`);
  }
}
