import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * One tier of the project's checks: `main` is what `npm test` runs, `wide` are clients, packed
 * installs, browsers and short chaos, `long` is chaos and fuzzing for as long as an evening. The
 * last line counts them: `N passed, N failed`.
 */
const TIERS = ["main", "wide", "long"] as const;

/** The checks of `main`, before its tests. */
const CHECKS: readonly (readonly [string, readonly string[]])[] = [
  ["types (tsc)", ["tsc"]],
  ["lint and format (biome)", ["biome", "check"]],
  ["layers (dependency-cruiser)", ["depcruise", "src", "tools", "storage"]],
  ["unused code (knip)", ["knip"]],
  ["generated docs", ["node", "docs/generate.ts", "--check"]],
];

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const tier = TIERS.find((one) => one === process.argv[2]);
if (!tier) throw new Error(`usage: node test/run.ts ${TIERS.join("|")}`);
const began = performance.now();
const results: Counts[] = [];
if (tier === "main")
  for (const [title, command] of CHECKS) results.push(await check(title, command));
results.push(await tests(tier));
const passed = results.reduce((sum, counts) => sum + counts.passed, 0);
const failed = results.reduce((sum, counts) => sum + counts.failed, 0);
const minutes = ((performance.now() - began) / 60_000).toFixed(1);
process.stdout.write(`\n== ${tier}: ${minutes} minutes\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

async function check(title: string, command: readonly string[]): Promise<Counts> {
  process.stdout.write(`\n== ${title}\n`);
  const ok = (await run(command)) === 0;
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

async function tests(project: string): Promise<Counts> {
  process.stdout.write(`\n== tests (vitest, ${project})\n`);
  const folder = mkdtempSync(join(tmpdir(), "stack-mcp-test-"));
  const file = join(folder, "results.json");
  try {
    const code = await run(
      [
        "vitest",
        "run",
        "--project",
        project,
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${file}`,
      ],
      {
        // A snapshot that is not there is a failure and not a new snapshot.
        CI: "1",
      },
    );
    const report = JSON.parse(readFileSync(file, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
    };
    const failed = code === 0 ? report.numFailedTests : Math.max(1, report.numFailedTests);
    return { passed: report.numPassedTests, failed };
  } catch {
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(
  [program = "", ...args]: readonly string[],
  more: Record<string, string> = {},
): Promise<number> {
  const bin = program === "node" ? process.execPath : join("node_modules", ".bin", program);
  const path = `${join(process.cwd(), "node_modules", ".bin")}:${process.env.PATH}`;
  const environment = { ...process.env, PATH: path, ...more };
  return new Promise((resolve) => {
    const child = spawn(bin, args, { stdio: "inherit", env: environment });
    child.on("error", () => resolve(1));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
