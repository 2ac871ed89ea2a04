import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import type { Clock } from "../../../src/shared/clock.ts";
import { openTestApp } from "../../helpers/app.ts";
import { clockAt } from "../../helpers/clock.ts";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { runProgram } from "../../helpers/program.ts";
import { openSkill, sealedScript } from "../../helpers/skills.ts";

const DAY_MS = 86_400_000;

async function traded(options: { clock?: Clock; home?: string } = {}) {
  const world = await openTestApp(options);
  const seller = await world.createOperator("seller");
  const buyer = await world.createOperator("buyer");
  const { id: skill } = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    sealedScript("return { said: 'canary-out' };"),
  );
  const bought = await buyer.ok<{ id: string }>("stack_invoke_skill", {
    skill_id: skill,
    input: { said: "canary-in" },
    wait_ms: 20_000,
  });
  return { ...world, seller, buyer, skill, invocation: bought.id };
}

test("makes a whole backup while others work, its owner's alone, and restores it all", async () => {
  const { home, buyer, invocation, app } = await traded();
  const env = testEnv(home);
  const file = join(makeHome(), "copy.db");
  const [made] = await Promise.all([
    runProgram(["backup", file], env),
    buyer.ok("stack_topup", { amount_cents: 1_000 }),
  ]);
  expect([made.code, made.stderr]).toEqual([0, ""]);
  expect(made.stdout).toMatch(/fingerprint of the master key is \w+/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file).includes(env.STACK_MASTER_KEY ?? "")).toBe(false);
  const again = await runProgram(["backup", file], env);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("exists already")]);
  await app.stop(0);

  const elsewhere = makeHome();
  const restored = await runProgram(["restore", file, "--json"], testEnv(elsewhere));
  expect([restored.code, restored.stderr]).toEqual([0, ""]);
  const back = await openTestApp({ home: elsewhere });
  const { operatorOn } = await import("../../helpers/operator.ts");
  const same = operatorOn(back.app, buyer.id, buyer.apiKey);
  expect(await same.ok("stack_check_invocation", { invocation_id: invocation })).toMatchObject({
    output: { said: "canary-out" },
  });
  expect(readdirSync(elsewhere).filter((name) => name.includes("restoring"))).toEqual([]);
});

test("wants a backup's key, and says which", async () => {
  const { home, app } = await traded();
  await app.stop(0);
  const file = join(makeHome(), "copy.db");
  await runProgram(["backup", file], testEnv(home));
  const elsewhere = makeHome();
  const wrong = await runProgram(["restore", file], {
    ...testEnv(elsewhere),
    STACK_MASTER_KEY: "00".repeat(32),
  });
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringMatching(/fingerprint \w+, which was kept in STACK_MASTER_KEY/),
  ]);
  const { STACK_MASTER_KEY: _, ...without } = testEnv(elsewhere);
  const none = await runProgram(["restore", file], without);
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("Nothing was changed")]);
  expect(existsSync(join(elsewhere, "stack.db"))).toBe(false);
});

test.each<[string, (db: Database.Database) => void, RegExp]>([
  [
    "a ledger that does not balance",
    (db) =>
      db.exec(
        "drop trigger if exists ledger_entries_update; update accounts set posted_cents = posted_cents + 1 where id like 'wallet:%'",
      ),
    /ledger/,
  ],
  [
    "an audit log with a changed row",
    (db) =>
      db.exec("update audit_log set body = replace(body, 'operator', 'oberator') where seq = 1"),
    /audit log/,
  ],
  ["no instance", (db) => db.exec("delete from instance"), /not a database of stack-mcp/],
])("refuses a backup with %s, and leaves the folder as it is", async (_what, tamper, said) => {
  const { home, app } = await traded();
  await app.stop(0);
  const file = join(makeHome(), "copy.db");
  await runProgram(["backup", file], testEnv(home));
  const db = new Database(file);
  for (const name of db
    .prepare("select name from sqlite_master where type = 'trigger'")
    .pluck()
    .all())
    db.exec(`drop trigger "${name}"`);
  tamper(db);
  db.close();
  const before = readFileSync(join(home, "stack.db"));
  const refused = await runProgram(["restore", file, "--replace"], testEnv(home));
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(said)]);
  expect(readFileSync(join(home, "stack.db")).equals(before)).toBe(true);
});

test("refuses what is no backup, and a database that is there or in use", async () => {
  const { home, app } = await traded();
  const env = testEnv(home);
  const folder = makeHome();
  const file = join(folder, "copy.db");
  await runProgram(["backup", file], env);
  writeFileSync(join(folder, "text"), "hello");
  const run = async (...args: string[]) => {
    const { code, stderr } = await runProgram(["restore", ...args], env);
    expect(code).toBe(1);
    return stderr;
  };
  expect(await run(join(folder, "nothing"), "--replace")).toContain("There is no file");
  expect(await run(join(folder, "text"), "--replace")).toMatch(/not a/);
  expect(await run(file)).toContain("--replace");
  expect(await run(file, "--replace")).toContain("in use");
  await app.stop(0);
  const replaced = await runProgram(["restore", file, "--replace", "--json"], env);
  expect([replaced.code, replaced.stderr]).toEqual([0, ""]);
  const { put_aside } = JSON.parse(replaced.stdout) as { put_aside: string };
  expect(existsSync(put_aside)).toBe(true);
  expect((await runProgram(["ledger", "verify"], env)).code).toBe(0);
});

test("erases content when its time is over or when asked; amounts and digests stay", async () => {
  let now = Date.now();
  const home = makeHome();
  writeFileSync(join(home, "config.json"), JSON.stringify({ retention_days: 30 }));
  const { app, buyer, seller, invocation } = await traded({ home, clock: clockAt(() => now) });
  const { id: open } = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const waiting = await buyer.ok<{ id: string }>("stack_invoke_skill", {
    skill_id: open,
    input: {},
    wait_ms: 0,
  });
  await app.chores.pass();
  const check = () =>
    buyer.ok<{ erased_at?: string; output?: unknown; charged_cents?: number }>(
      "stack_check_invocation",
      {
        invocation_id: invocation,
      },
    );
  expect(await check()).toMatchObject({ output: { said: "canary-out" } });
  now += 31 * DAY_MS;
  expect(await app.services.erasure.eraseOld()).toBe(1);
  const erased = await check();
  expect(erased).toMatchObject({
    status: "completed",
    charged_cents: expect.any(Number),
    erased_at: expect.any(String),
  });
  expect(erased).not.toHaveProperty("output");
  const { erasure } = app.services;
  await expect(erasure.erase({})).rejects.toMatchObject({ code: "INVALID_REQUEST" });
  await expect(erasure.erase({ invocationId: "sinv_x" })).rejects.toMatchObject({
    code: "INVOCATION_NOT_FOUND",
  });
  await expect(erasure.erase({ operator: "nobody" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(waiting.id).toBeDefined();
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
  expect((await app.services.audit.verify()).every(({ problem }) => problem === undefined)).toBe(
    true,
  );
});

test("leaves nothing in the file of what was erased by command, sealed or not", async () => {
  const { home, app, invocation } = await traded();
  const sealed = () => {
    const db = new Database(join(home, "stack.db"), { readonly: true });
    const rows = db
      .prepare("select ciphertext from sealed_blobs where owner like ?")
      .pluck()
      .all(`%${invocation}%`) as Buffer[];
    db.close();
    return rows;
  };
  const before = sealed();
  expect(before.length).toBeGreaterThanOrEqual(2);
  await app.stop(0);
  const env = testEnv(home);
  const unclear = await runProgram(["erase"], env);
  expect([unclear.code, unclear.stderr]).toEqual([
    1,
    expect.stringContaining("--invocation, --operator or --older-than-days"),
  ]);
  const { stdout } = await runProgram(["erase", "--operator", "buyer"], env);
  expect(stdout).toContain("Erased the content of 1 invocation");
  expect(sealed()).toEqual([]);
  const file = readFileSync(join(home, "stack.db"));
  for (const ciphertext of before) expect(file.includes(ciphertext.subarray(0, 24))).toBe(false);
});
