import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The last copy of a folder's database by this program; `at` in epoch milliseconds. */
export interface LastBackup {
  readonly at: number;
  readonly file: string;
}

/** A folder that takes no note has a backup all the same. */
export function noteBackup(home: string, backup: LastBackup): void {
  try {
    writeFileSync(pathIn(home), `${JSON.stringify(backup)}\n`, { mode: 0o600 });
  } catch {
    // Doctor says then that it knows of none.
  }
}

/** Undefined where none is known: other programs may copy it too. */
export function lastBackup(home: string): LastBackup | undefined {
  try {
    const { at, file } = JSON.parse(readFileSync(pathIn(home), "utf8")) as Partial<LastBackup>;
    return typeof at === "number" && typeof file === "string" ? { at, file } : undefined;
  } catch {
    return undefined;
  }
}

function pathIn(home: string): string {
  return join(home, "last-backup.json");
}
