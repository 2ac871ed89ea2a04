import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type House, measureHouse, type Spread } from "./house.ts";

/**
 * `node test/measure/run.ts [revision]`: prints the figures of this tree, and of another revision
 * beside them.
 */
const [revision] = process.argv.slice(2);
const columns = [{ title: "now", rows: rows(measureHouse(process.cwd())) }];
if (revision) columns.unshift({ title: revision, rows: rows(measureRevision(revision)) });
const lines = [["", ...columns.map(({ title }) => title)]];
for (const name of Object.keys(columns[0]?.rows ?? {})) {
  lines.push([name, ...columns.map((column) => column.rows[name] ?? "")]);
}
for (const [name = "", ...cells] of lines) {
  process.stdout.write(
    `${name.padEnd(46)}${cells
      .map((cell) => cell.padEnd(26))
      .join("")
      .trimEnd()}\n`,
  );
}

function measureRevision(name: string): House {
  const folder = mkdtempSync(join(tmpdir(), "stack-mcp-measure-"));
  const tar = execFileSync("git", ["archive", name, "src", "tools", "storage"], {
    maxBuffer: 1 << 28,
  });
  try {
    execFileSync("tar", ["-x", "-C", folder], { input: tar });
    return measureHouse(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rows(house: House): Record<string, string> {
  const share = (part: number, whole: number) => `${part} (${((100 * part) / whole).toFixed(1)} %)`;
  return {
    files: String(house.files.count),
    "lines of a file: median / p95 / max": triple(house.files),
    functions: String(house.functions.count),
    "lines of a function: median / p95 / max": triple(house.functions),
    "files over 300 lines": String(house.longFiles.length),
    "functions over 70 lines": String(house.longFunctions.length),
    "functions of more than 4 parameters": String(house.crowdedFunctions.length),
    lines: String(house.lines),
    "lines of comment": share(house.commentLines, house.lines),
    "lines over 100 characters": share(house.longLines.length, house.lines),
    "doc comments": String(house.docComments),
    "doc comments that begin with a question word": share(
      house.questions.length,
      house.docComments,
    ),
    "nested ternaries": String(house.nestedTernaries.length),
    "conditional spreads": String(house.conditionalSpreads.length),
    "loops of files, type imports too": String(house.fileCycles.length),
    "imports that run back up between rooms": String(house.backArrows.length),
  };
}

function triple({ median, p95, max }: Spread): string {
  return `${median} / ${p95} / ${max}`;
}
