import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { Runtime } from "../../src/domain/market/skill.ts";
import { childCommand } from "../../src/sandbox/child-command.ts";
import { openSandbox } from "../helpers/sandbox.ts";

const walk = readFileSync(new URL("../fixtures/walk.js", import.meta.url), "utf8");
const walkPython = readFileSync(new URL("../fixtures/walk.py", import.meta.url), "utf8");
const guest = fileURLToPath(new URL("../../src/sandbox/guest/", import.meta.url));

/** The guest's own files, one of them changed. */
function guestWith(file: string, change: (text: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), "stack-mcp-guest-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(guest, folder, { recursive: true });
  const path = join(folder, file);
  const before = readFileSync(path, "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
  return folder;
}

async function walked(code: string, runtime: Runtime, guestFolder = guest): Promise<Walk> {
  const opened = openSandbox({ command: (parts) => childCommand({ ...parts, guestFolder }) });
  const outcome = await opened.run(code, { runtime, timeoutMs: 30_000 });
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ kind: "ok" });
  return (outcome as unknown as { value: Walk }).value;
}

interface Walk {
  readonly visited: number;
  readonly javascript?: number;
  readonly found: readonly string[];
}

test("finds nothing in a guest's reach that makes code or leads out of the isolate", async () => {
  const { visited, found } = await walked(walk, "javascript");
  expect(found).toEqual([]);
  expect(visited).toBeGreaterThan(900);
});

test("finds the ways out by the same walk when the hardening is taken away", async () => {
  const { found } = await walked(
    walk,
    "javascript",
    guestWith("harden.js", () => ";"),
  );
  expect(found).toEqual(expect.arrayContaining(["global SharedArrayBuffer", "global Atomics"]));
  expect(found.some((way) => way.startsWith("code by"))).toBe(true);
});

test("finds nothing in Python's reach that makes code or leads out of the isolate", async () => {
  const { visited, javascript, found } = await walked(walkPython, "python");
  expect(found).toEqual([]);
  expect(visited).toBeGreaterThan(10_000);
  expect(javascript).toBeGreaterThan(300);
});

test.each([
  ["code from JavaScript", "harden.js", () => ";", /^code by .*constructor/],
  [
    "code from Python",
    "python.js",
    // What would watch for it is told that it watches already.
    (text: string) =>
      text.replace('"_forget_javascript()"', '"_forget_javascript(); _guarded = True"'),
    /^code by Python's eval/,
  ],
  [
    "Pyodide's own objects",
    "python.js",
    (text: string) => text.replace('python.runPython("_forget_javascript()");', ""),
    /^reached _module/,
  ],
])(
  "finds %s by the same walk when what takes it away is taken away",
  async (_, file, change, way) => {
    const { found } = await walked(walkPython, "python", guestWith(file, change));
    expect(found).toEqual(expect.arrayContaining([expect.stringMatching(way)]));
  },
);
