import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { root } from "../helpers/root.ts";

test.each([
  ["reads the system's time", "src/services/a.ts", "export const now = Date.now();"],
  ["makes a date of now", "storage/a.ts", "export const now = new Date();"],
  ["measures by the system", "src/faces/http/a.ts", "export const now = performance.now();"],
  ["makes a timer", "tools/a.ts", "setTimeout(() => {}, 1);"],
  ["makes an interval", "src/sandbox/a.ts", "setInterval(() => {}, 1);"],
  [
    "takes timers from Node",
    "src/bin/a.ts",
    'import { setTimeout } from "node:timers/promises";\nawait setTimeout(1);',
  ],
])("refuses code that %s", (_, file, text) => {
  expect(lint(file, text)).toMatch(/src\/shared\/clock\.ts alone/);
});

test.each([
  ["the clock", "src/shared/clock.ts", "export const now = Date.now();"],
  ["a guest, which has no clock of ours", "src/sandbox/guest/a.js", "setTimeout(() => {}, 1);"],
  ["a date of a time that is given", "src/services/a.ts", "export const date = new Date(5);"],
])("does not refuse %s", (_, file, text) => {
  expect(lint(file, text)).not.toMatch(/src\/shared\/clock\.ts alone/);
});

test.each([
  ["noExcessiveLinesPerFile", "storage/a.ts", `${"// a line\n".repeat(301)}export {};`],
  [
    "noExcessiveLinesPerFunction",
    "tools/a.ts",
    `export function a() {\n${"  void 0;\n".repeat(71)}}`,
  ],
  ["noNestedTernary", "src/bin/a.ts", "export const a = (x) => (x > 1 ? 1 : x > 0 ? 2 : 3);"],
])("refuses code by the rule %s", (rule, file, text) => {
  expect(lint(file, text)).toContain(rule);
});

/** Returns the linter's words on one file in an otherwise empty project. */
function lint(file: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "stack-mcp-lint-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["biome.json", ".biome", ".gitignore"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), `${text}\n`);
  const biome = join(root, "node_modules/.bin/biome");
  try {
    return execFileSync(biome, ["lint", "--colors=off"], {
      cwd: folder,
      encoding: "utf8",
      stdio: "pipe",
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr;
  }
}
