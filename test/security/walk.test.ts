import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { childCommand } from "../../src/sandbox/child-command.ts";
import { openSandbox } from "../helpers/sandbox.ts";

const walk = readFileSync(new URL("../fixtures/walk.js", import.meta.url), "utf8");
const guest = fileURLToPath(new URL("../../src/sandbox/guest/", import.meta.url));

interface Walk {
  readonly visited: number;
  readonly found: readonly string[];
}

test("nothing that a guest can reach makes code or leads out of the isolate", async () => {
  const outcome = await openSandbox().run(walk, { timeoutMs: 20_000 });
  expect(outcome).toMatchObject({ kind: "ok" });
  const { visited, found } = (outcome as unknown as { value: Walk }).value;
  expect(found).toEqual([]);
  expect(visited).toBeGreaterThan(700);
});

test("the same walk finds the ways out when the hardening is taken away", async () => {
  const folder = mkdtempSync(join(tmpdir(), "stack-mcp-guest-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(guest, folder, { recursive: true });
  writeFileSync(join(folder, "harden.js"), ";");
  const outcome = await openSandbox({ command: (parts) => childCommand({ ...parts, guestFolder: folder }) }).run(walk, {
    timeoutMs: 20_000,
  });
  const { found } = (outcome as unknown as { value: Walk }).value;
  expect(found).toEqual(expect.arrayContaining(["global SharedArrayBuffer", "global Atomics"]));
  expect(found.some((way) => way.startsWith("code by"))).toBe(true);
});
