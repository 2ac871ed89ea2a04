import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { FetchAnswer, FetchHandler } from "../../src/sandbox/outcome.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { openSandboxOf } from "../helpers/sandbox.ts";

const script = fileURLToPath(new URL("../fixtures/hostile-child.js", import.meta.url));
const LIMIT_MS = 1_000;
/** As large as an answer may be. */
const LARGE: FetchAnswer = {
  ok: true,
  response: { status: 200, headers: {}, body: "x".repeat(1_000_000) },
};

test.each([
  ["announces a giant frame", "crashed"],
  ["floods with fetches", "crashed"],
  ["floods with raw bytes", "crashed"],
  ["sends broken JSON", "crashed"],
  ["sends an unknown message", "crashed"],
  ["sends a message with more in it", "crashed"],
  ["sends a result of half a million brackets", "error"],
  ["sends a result that is no JSON", "error"],
  ["says twice that it is ready", "crashed"],
  ["drips", "limit"],
  ["exits as if all were well", "crashed"],
  ["is silent", "limit"],
  ["has more calls in flight than it may", "crashed"],
  ["uses the number of a call twice", "crashed"],
  ["asks for what is no JSON", "limit"],
  ["asks and never reads the answers", "limit"],
  ["closes its output and lives on", "limit"],
  ["says that it is done, and goes on talking", "ok"],
])("gives a child that %s the verdict %s, and lives on and does not grow", async (mode, kind) => {
  const sandbox = openSandboxOf(process.execPath, script, mode);
  const before = process.memoryUsage.rss();
  let asked = 0;
  const fetch: FetchHandler = async () => {
    asked++;
    return LARGE;
  };
  const outcome = await sandbox.run("return 1", { timeoutMs: LIMIT_MS, fetch });
  expect(outcome.kind).toBe(kind);
  expect(outcome.usage.wallMs).toBeLessThan(LIMIT_MS + 1_000);
  expect(outcome.usage.fetchCalls).toBeLessThanOrEqual(LIMITS.fetchCalls);
  // Of what it says after its verdict nothing is heard.
  if (kind === "ok") expect(asked).toBe(0);
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
});

test("fails instead of spinning when children die before they are ready", async () => {
  const sandbox = openSandboxOf("/bin/false");
  await expect(sandbox.run("return 1")).rejects.toMatchObject({ code: "SANDBOX_UNAVAILABLE" });
});

test("replaces spares that die while they wait with patience, and does not spin", async () => {
  const starts = join(mkdtempSync(join(tmpdir(), "stack-mcp-starts-")), "log");
  onTestFinished(() => rmSync(dirname(starts), { recursive: true, force: true }));
  const { sandbox, run } = openSandboxOf(
    process.execPath,
    script,
    `dies when it is ready|${starts}`,
  );
  // It is taken before it dies.
  expect((await run("return 1")).kind).toBe("crashed");
  const started = performance.now();
  await expect
    .poll(() => readFileSync(starts, "utf8").length, { timeout: 20_000 })
    .toBeGreaterThan(6);
  await sandbox.close();
  // 200, 400 and 800 ms lie between them, and without patience some 50.
  expect(performance.now() - started).toBeGreaterThan(1_000);
});

test("ends a run that is given up though its child neither gets ready nor dies", async () => {
  const sandbox = openSandboxOf("/bin/sleep", "1000");
  const outcome = await sandbox.run("return 1", { signal: AbortSignal.timeout(200) });
  expect(outcome.kind).toBe("cancelled");
});
