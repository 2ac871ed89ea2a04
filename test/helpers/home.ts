import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A fresh data folder that goes with the test. */
export function makeHome(): string {
  const home = mkdtempSync(join(tmpdir(), "stack-mcp-test-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

export const TEST_MASTER_KEY = "5a".repeat(32);

/** The environment of a program under test: nothing of the machine's own settings. */
export function testEnv(home: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    STACK_HOME: home,
    STACK_MASTER_KEY: TEST_MASTER_KEY,
    STACK_LLM_FALLBACK: "stand-in",
    ...more,
  };
}
