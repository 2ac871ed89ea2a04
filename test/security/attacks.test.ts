import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openSandbox } from "../helpers/sandbox.ts";

const folder = new URL("../fixtures/attacks/", import.meta.url);
const LIMIT_MS = 2_000;
const AT_ONCE = 4;
/** What the kernel and the watchdog together leave room for. */
const MEMORY_MB = 260;

test("every hostile script gets a verdict in time, stays in its memory, and disturbs no honest neighbour", async () => {
  const sandbox = openSandbox();
  const names = readdirSync(folder);
  expect(names.length).toBeGreaterThanOrEqual(50);
  const waiting = [...names];
  const attackers = Array.from({ length: AT_ONCE }, async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const outcome = await sandbox.run(readFileSync(new URL(name, folder), "utf8"), { timeoutMs: LIMIT_MS });
      const late = outcome.usage.wallMs > LIMIT_MS + 1_000;
      expect.soft({ name, late }).toEqual({ name, late: false });
      expect.soft({ name, large: outcome.usage.peakMb > MEMORY_MB }).toEqual({ name, large: false });
      expect.soft(["ok", "limit", "error", "crashed"], name).toContain(outcome.kind);
    }
  });
  const done = Promise.all(attackers);
  let honest = 0;
  let busy = true;
  void done.finally(() => {
    busy = false;
  });
  while (busy) {
    const outcome = await sandbox.run("return { sum: $INPUT.a + $INPUT.b };", {
      input: { a: honest, b: 1 },
      timeoutMs: 20_000,
    });
    expect(outcome).toMatchObject({ kind: "ok", value: { sum: honest + 1 } });
    honest++;
  }
  await done;
  expect(honest).toBeGreaterThan(5);
}, 180_000);
