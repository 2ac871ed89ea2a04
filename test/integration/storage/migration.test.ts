import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { makeHome } from "../../helpers/home.ts";
import { operatorAs } from "../../helpers/operator.ts";
import type { Shown } from "../../helpers/skills.ts";

/**
 * A data folder as version 0.1.0 left it: three skills, one invocation that is done and one that
 * waits.
 */
function homeOfOld(): string {
  const home = makeHome();
  copyFileSync(
    fileURLToPath(new URL("../../fixtures/stack-0001.db", import.meta.url)),
    join(home, "stack.db"),
  );
  return home;
}

test("migrates the data folder of the version before, with skills, work and money", async () => {
  const { app } = await openTestApp({ home: homeOfOld() });
  const local = operatorAs(app, { kind: "local" });
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
  const browse = async (query: object) =>
    (await local.ok<{ items: Shown[] }>("stack_browse_skills", { ...query })).items.map(
      ({ name }) => name,
    );
  expect(await browse({})).toEqual(["with-model", "by-hand", "add-one"]);
  expect((await browse({ search: "script math" }))[0]).toBe("add-one");
  expect(await browse({ sort: "price", execution_mode: "open" })).toEqual(["by-hand"]);
  const found = (await local.ok<{ items: Shown[] }>("stack_browse_skills", { search: "add-one" }))
    .items[0];
  const skill = await local.ok<Shown>("stack_get_skill", { skill_id: found?.id });
  expect(skill).toMatchObject({
    version: "1.0.0",
    execution_steps: [{ code: "return { n: $INPUT.n + 1 };" }],
  });
  const run = await local.ok("stack_invoke_skill", {
    skill_id: skill.id,
    input: { n: 4 },
    wait_ms: 20_000,
  });
  expect(run).toMatchObject({ status: "completed", output: { n: 5 }, digest: skill.digest });
  const done = await local.ok<{ items: Shown[] }>("stack_list_my_invocations", {
    status: "completed",
  });
  expect(done.items).toHaveLength(2);
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
  expect((await app.services.audit.verify()).every(({ problem }) => problem === undefined)).toBe(
    true,
  );
});

test("makes a version of a migrated skill for a change of content, and not of words", async () => {
  const { app } = await openTestApp({ home: homeOfOld(), start: false });
  const local = operatorAs(app, { kind: "local" });
  for (const { id } of (await local.ok<{ items: Shown[] }>("stack_list_my_skills")).items) {
    const before = await local.ok<Shown>("stack_get_skill", { skill_id: id });
    const words = await local.ok("stack_update_skill", {
      skill_id: id,
      description: "Said otherwise.",
    });
    expect(words).toMatchObject({ version: "1.0.0", digest: before.digest });
    expect(await local.ok("stack_update_skill", { skill_id: id, price_cents: 7 })).toMatchObject({
      version: "1.0.1",
    });
  }
});
