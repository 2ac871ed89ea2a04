import { readFileSync } from "node:fs";
import type { ErrorCode } from "./error-codes.ts";
import { DomainError } from "./errors.ts";
import { utf8 } from "./utf8.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is no folder",
  EISDIR: "it is a folder",
  EACCES: "this user may not read it",
};

/**
 * The text of a file, whatever editor wrote it. Throws `code`, naming the file, when it cannot be
 * read or is no UTF-8.
 */
export function textOfFile(path: string, code: ErrorCode): string {
  try {
    return utf8(readFileSync(path));
  } catch (error) {
    if (error instanceof TypeError)
      throw new DomainError(code, `${path} is not UTF-8: save it as UTF-8.`);
    const { code: why = "error" } = error as NodeJS.ErrnoException;
    throw new DomainError(
      code,
      `${path} cannot be read: ${REASONS[why] ?? why}.`,
      undefined,
      error,
    );
  }
}
