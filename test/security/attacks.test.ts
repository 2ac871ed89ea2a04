import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { RUNTIMES, type Runtime } from "../../src/domain/market/skill.ts";
import type { ScriptOutcome } from "../../src/sandbox/outcome.ts";
import { openSandbox, type TestSandbox } from "../helpers/sandbox.ts";

const LIMIT_MS = 2_000;
const AT_ONCE = 4;
/** The time that the kernel and the watchdog together leave. */
const MEMORY_MB: Readonly<Record<Runtime, number>> = { javascript: 260, python: 400 };
const AT_LEAST: Readonly<Record<Runtime, number>> = { javascript: 100, python: 40 };
const HONEST: Readonly<Record<Runtime, string>> = {
  javascript: "return { sum: $INPUT.a + $INPUT.b };",
  python: "return {'sum': input['a'] + input['b']}",
};

describe.each(RUNTIMES)("hostile %s", (runtime) => {
  const folder = new URL(`../fixtures/attacks-${runtime}/`, import.meta.url);
  const names = readdirSync(folder);

  test("gets a verdict in time and memory, gets nowhere, harms no honest neighbour", async () => {
    expect(names.length).toBeGreaterThanOrEqual(AT_LEAST[runtime]);
    const opened = openSandbox();
    // The first child of a runtime takes longer than any other.
    await opened.run(HONEST[runtime], { runtime, input: { a: 0, b: 1 }, timeoutMs: 20_000 });
    const waiting = [...names];
    const attack = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const code = readFileSync(new URL(name, folder), "utf8");
        expectHeld(name, runtime, await opened.run(code, { runtime, timeoutMs: LIMIT_MS }));
      }
    };
    const attacks = Promise.all(Array.from({ length: AT_ONCE }, attack));
    const honest = await beHonestDuring(attacks, opened, runtime);
    expect(honest).toBeGreaterThan(5);
    await opened.sandbox.close();
    expect(descendants()).toEqual([]);
  }, 180_000);
});

function expectHeld(name: string, runtime: Runtime, outcome: ScriptOutcome): void {
  const late = outcome.usage.wallMs > LIMIT_MS + 1_000;
  expect.soft({ name, late }).toEqual({ name, late: false });
  expect
    .soft({ name, large: outcome.usage.peakMb > MEMORY_MB[runtime] })
    .toEqual({ name, large: false });
  expect.soft(["ok", "limit", "error", "crashed"], name).toContain(outcome.kind);
  const shown = outcome.kind === "ok" ? JSON.stringify(outcome.value) : outcome.kind;
  expect.soft({ name, shown }).toEqual({ name, shown: expect.not.stringMatching(/^"?ESCAPED/) });
}

/** One honest run after the other, until the work is done. */
async function beHonestDuring(
  work: Promise<unknown>,
  { run }: TestSandbox,
  runtime: Runtime,
): Promise<number> {
  let busy = true;
  const done = work.finally(() => {
    busy = false;
  });
  let honest = 0;
  while (busy) {
    const outcome = await run(HONEST[runtime], {
      runtime,
      input: { a: honest, b: 1 },
      timeoutMs: 20_000,
    });
    expect(outcome).toMatchObject({ kind: "ok", value: { sum: honest + 1 } });
    honest++;
  }
  await done;
  return honest;
}

/** Processes that this one started, and theirs. */
function descendants(pid: number | "self" = "self"): string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    const children = readFileSync(`/proc/${pid}/task/${task}/children`, "latin1")
      .split(" ")
      .filter(Boolean);
    return children.flatMap((child) => [child, ...descendants(Number(child))]);
  });
}
