import { expect, test } from "vitest";
import type { Chore } from "../../../../src/services/chore.ts";
import { Scheduler } from "../../../../src/services/host/scheduler.ts";
import { systemClock } from "../../../../src/shared/clock.ts";
import { LIMITS } from "../../../../src/shared/limits.ts";
import { collectingLogger } from "../../../helpers/app.ts";

function scheduled(...chores: readonly Pick<Chore, "name" | "everyMs" | "firstAfterMs" | "run">[]) {
  let now = 1_000_000;
  const logged: string[] = [];
  const scheduler = new Scheduler({
    chores,
    clock: { ...systemClock, elapsed: () => now },
    log: collectingLogger(logged),
  });
  const later = async (ms: number) => {
    now += ms;
    await scheduler.pass();
  };
  return { scheduler, later, logged };
}

test("runs a chore at once and then in its time, and others in every pass", async () => {
  const ran: string[] = [];
  const { later } = scheduled(
    { name: "often", everyMs: LIMITS.sweepMs, run: async () => ran.push("often") },
    { name: "seldom", everyMs: LIMITS.choreMs, run: async () => ran.push("seldom") },
    {
      name: "late",
      everyMs: LIMITS.choreMs,
      firstAfterMs: 60_000,
      run: async () => ran.push("late"),
    },
  );
  await later(0);
  await later(0);
  expect(ran.splice(0)).toEqual(["often", "seldom", "often"]);
  await later(59_999);
  expect(ran.splice(0)).toEqual(["often"]);
  await later(1);
  expect(ran.splice(0)).toEqual(["often", "late"]);
  await later(LIMITS.choreMs - LIMITS.sweepMs);
  expect(ran.splice(0)).toEqual(["often", "seldom", "late"]);
});

test("names a chore that fails, runs the others, and tries it again", async () => {
  let tries = 0;
  const ran: string[] = [];
  const fails = async () => {
    tries++;
    throw new Error("no disk");
  };
  const { later, logged } = scheduled(
    { name: "pin audit chains", everyMs: LIMITS.sweepMs, run: fails },
    { name: "after it", everyMs: LIMITS.sweepMs, run: async () => ran.push("after it") },
  );
  await later(0);
  await later(LIMITS.sweepMs);
  expect([tries, ran]).toEqual([2, ["after it", "after it"]]);
  expect(logged.join("\n")).toMatch(/pin audit chains[\s\S]*a chore failed/);
});

test("runs other chores beside a long one, which does not begin twice at once", async () => {
  const ran: string[] = [];
  const over = Promise.withResolvers<void>();
  const hangs = async () => {
    ran.push("sends");
    await over.promise;
  };
  const { later } = scheduled(
    { name: "sends", everyMs: LIMITS.sweepMs, run: hangs },
    { name: "ends", everyMs: LIMITS.sweepMs, run: async () => ran.push("ends") },
  );
  const passes = [];
  for (let pass = 1; pass <= 3; pass++) {
    passes.push(later(LIMITS.sweepMs));
    await expect.poll(() => ran).toEqual(["sends", ...Array<string>(pass).fill("ends")]);
  }
  over.resolve();
  await Promise.all(passes);
  await later(LIMITS.sweepMs);
  expect(ran.slice(4)).toEqual(["sends", "ends"]);
});
