import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Signed checkpoints of the audit chains, one line for each chain, beside the database and not in
 * it.
 */
export class CheckpointFile {
  readonly path: string;

  constructor(home: string) {
    this.path = join(home, "audit-checkpoints.jsonl");
  }

  /**
   * By operator. No signature is checked; a line that cannot be read is no line that is not there.
   */
  read(): { readonly checkpoints: Map<string, string>; readonly isDamaged: boolean } {
    const checkpoints = new Map<string, string>();
    let isDamaged = false;
    const lines = existsSync(this.path)
      ? readFileSync(this.path, "utf8").split("\n").filter(Boolean)
      : [];
    for (const line of lines) {
      const { operator_id, checkpoint } = parsed(line);
      if (typeof operator_id === "string" && typeof checkpoint === "string")
        checkpoints.set(operator_id, checkpoint);
      else isDamaged = true;
    }
    return { checkpoints, isDamaged };
  }

  /** Takes the place of the file at once. */
  write(checkpoints: ReadonlyMap<string, string>): void {
    const lines = [...checkpoints].map(([operator_id, checkpoint]) =>
      JSON.stringify({ operator_id, checkpoint }),
    );
    const beside = `${this.path}.${process.pid}`;
    writeFileSync(beside, `${lines.join("\n")}\n`, { mode: 0o600 });
    renameSync(beside, this.path);
  }
}

function parsed(line: string): { operator_id?: unknown; checkpoint?: unknown } {
  try {
    return Object(JSON.parse(line)) as object;
  } catch {
    return {};
  }
}
