import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { backUp } from "../../../storage/sqlite/backup.ts";
import { noteBackup } from "../../../storage/sqlite/last-backup.ts";
import { openTestApp, type TestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { makeHome } from "../../helpers/home.ts";
import { openSkill } from "../../helpers/skills.ts";

const DAY_MS = 86_400_000;

async function checksOf({ app }: TestApp) {
  const { host } = await app.services.health.report();
  return Object.fromEntries(host.map((check) => [check.name, check]));
}

test("reports what is well, and what to do about what is not", async () => {
  const world = await openTestApp({ start: false });
  await world.app.services.auditChains.pin();
  const copy = join(makeHome(), "copy.db");
  await backUp(world.home, copy);
  const well = await checksOf(world);
  for (const name of [
    "disk",
    "clock",
    "ledger",
    "holds",
    "processors",
    "payouts",
    "backup",
    "checkpoints",
  ])
    expect(well[name], name).toMatchObject({ state: "good" });
  noteBackup(world.home, { at: Date.now() - 9 * DAY_MS, file: copy });
  expect((await checksOf(world)).backup).toMatchObject({
    state: "doubtful",
    detail: `9 days old, ${copy}`,
    remedy: expect.stringContaining("cron"),
  });
  rmSync(copy);
  expect((await checksOf(world)).backup).toMatchObject({
    detail: `${copy} does not exist any more`,
  });
  appendFileSync(join(world.home, "audit-checkpoints.jsonl"), "{\n");
  expect((await checksOf(world)).checkpoints).toMatchObject({
    state: "bad",
    remedy: expect.stringContaining("`stack-mcp audit verify`"),
  });
});

test("notices a clock that was set back, and holds that nobody ends", async () => {
  let now = Date.UTC(2026, 4, 1);
  const world = await openTestApp({ start: false, clock: clockAt(() => now) });
  const [seller, buyer] = [
    await world.createOperator("seller"),
    await world.createOperator("buyer"),
  ];
  const { id } = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ price_per_invocation: 30 }),
  );
  await buyer.ok("stack_invoke_skill", { skill_id: id, input: {}, wait_ms: 0 });
  expect((await checksOf(world)).holds).toMatchObject({
    state: "good",
    detail: "30 cents for a run that is not over",
  });
  now += 60 * DAY_MS;
  expect((await checksOf(world)).holds).toMatchObject({
    state: "doubtful",
    remedy: expect.stringContaining("serve"),
  });
  now -= 61 * DAY_MS;
  expect((await checksOf(world)).clock).toMatchObject({
    state: "bad",
    detail: "2026-04-30T00:00:00.000Z, and the database has work of 2026-05-01T00:00:00.000Z",
  });
});
