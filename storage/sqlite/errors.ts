import { DomainError } from "../../src/shared/errors.ts";

/** Turns an error of SQLite into one with a fix. Anything else is given back as it is. */
export function fromSqlite(error: unknown, path: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const refusal = (kind: "MISCONFIGURED", message: string) =>
    new DomainError(kind, message, undefined, error);
  if (code.startsWith("SQLITE_BUSY")) return new DomainError("BUSY", undefined, undefined, error);
  if (code === "SQLITE_FULL" || code.startsWith("SQLITE_IOERR")) {
    return new DomainError("STORAGE_FULL", undefined, undefined, error);
  }
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT")) {
    return refusal(
      "MISCONFIGURED",
      `The database ${path} is damaged, or is none. Restore it from a backup; nothing was changed.`,
    );
  }
  if (
    code.startsWith("SQLITE_READONLY") ||
    code.startsWith("SQLITE_CANTOPEN") ||
    code === "SQLITE_PERM"
  ) {
    return refusal(
      "MISCONFIGURED",
      `The database ${path} cannot be opened for writing. Check who owns the file and its folder.`,
    );
  }
  return error;
}

export function isBusy(error: unknown): boolean {
  return sqliteCode(error)?.startsWith("SQLITE_BUSY") ?? false;
}

function sqliteCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : undefined;
}
