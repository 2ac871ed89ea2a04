import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Signed checkpoints of the audit chains, one line for each chain, beside the database and not in it. */
export class CheckpointFile {
  readonly path: string;

  constructor(home: string) {
    this.path = join(home, "audit-checkpoints.jsonl");
  }

  /** By operator; lines that cannot be read are left out, and no signature is checked. */
  read(): Map<string, string> {
    const found = new Map<string, string>();
    if (!existsSync(this.path)) return found;
    for (const line of readFileSync(this.path, "utf8").split("\n").filter(Boolean)) {
      const { operator_id, checkpoint } = parsed(line);
      if (typeof operator_id === "string" && typeof checkpoint === "string") found.set(operator_id, checkpoint);
    }
    return found;
  }

  /** Takes the place of the file at once. */
  write(checkpoints: ReadonlyMap<string, string>): void {
    const lines = [...checkpoints].map(([operator_id, checkpoint]) => JSON.stringify({ operator_id, checkpoint }));
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
