import { join } from "node:path";
import Database from "better-sqlite3";
import { onTestFinished } from "vitest";

/** The database of a data folder, behind the program's back. */
export function rawDatabase(home: string): Database.Database {
  const raw = new Database(join(home, "stack.db"));
  onTestFinished(() => void raw.close());
  return raw;
}
