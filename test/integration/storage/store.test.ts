import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { openStore } from "../../../storage/sqlite/open-store.ts";
import { openTestApp } from "../../helpers/app.ts";
import { makeHome, testEnv } from "../../helpers/home.ts";
import { operatorOn } from "../../helpers/operator.ts";
import { runProgram } from "../../helpers/program.ts";
import { sealedScript } from "../../helpers/skills.ts";

const withoutKey = (home: string) => {
  const { STACK_MASTER_KEY: _, ...env } = testEnv(home);
  // No keychain answers here, so the key goes to a file.
  return { ...env, DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" };
};

test("starts six processes at once on an empty folder, which agree", async () => {
  const home = join(makeHome(), "fresh");
  const env = withoutKey(home);
  const runs = await Promise.all(
    Array.from({ length: 6 }, () => runProgram(["operator", "list", "--json"], env)),
  );
  expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    runs.map(() => ({ code: 0, stderr: "" })),
  );
  const seen = new Set(runs.map(({ stdout }) => stdout));
  expect(seen.size).toBe(1);
  const [local] = JSON.parse(runs[0]?.stdout ?? "") as {
    name: string;
    balance_cents: number;
    is_local: boolean;
  }[];
  expect(local).toMatchObject({ name: "local", balance_cents: 1_000, is_local: true });
  expect(statSync(home).mode & 0o777).toBe(0o700);
  for (const file of ["master.key", "stack.db"])
    expect(statSync(join(home, file)).mode & 0o777).toBe(0o600);
});

test("refuses a database of a newer program, and leaves it as it is", async () => {
  const { app, home } = await openTestApp({ start: false });
  const raw = new Database(join(home, "stack.db"));
  raw.prepare("insert into kysely_migration values ('9999-future', '2099')").run();
  raw.close();
  await expect(openStore({ home })).rejects.toThrow(/newer version of stack-mcp \(9999-future\)/);
  expect(app.store.instance.stamp).toBe("play");
});

test("refuses another master key by its fingerprint, and changes nothing", async () => {
  const { home } = await openTestApp({ start: false });
  const ran = await runProgram(
    ["operator", "list"],
    testEnv(home, { STACK_MASTER_KEY: "00".repeat(32) }),
  );
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toMatch(/is not the one this database is sealed under.*Restore the right key/);
});

test("asks for a master key that is no longer in the environment", async () => {
  const { home } = await openTestApp({ start: false });
  const ran = await runProgram(["operator", "list"], withoutKey(home));
  expect(ran.stderr).toMatch(/STACK_MASTER_KEY.*is not set/);
});

test.each([
  [
    "edited",
    (path: string) =>
      writeFileSync(
        path,
        readFileSync(path, "utf8").replace(/^./, (c) => (c === "A" ? "B" : "A")),
      ),
  ],
  ["cut short", (path: string) => writeFileSync(path, "c2hvcnQ=")],
])("refuses a master key file that was %s, and says what to do", async (_, spoil) => {
  const home = makeHome();
  const env = withoutKey(home);
  expect((await runProgram(["operator", "list"], env)).code).toBe(0);
  spoil(join(home, "master.key"));
  const ran = await runProgram(["operator", "list"], env);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toMatch(/Restore/);
});

test("opens no sealed value that was moved to another row", async () => {
  const { app, home, createOperator } = await openTestApp();
  const seller = await createOperator("seller");
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", sealedScript("return {};"));
  const raw = new Database(join(home, "stack.db"));
  raw.prepare("update sealed_blobs set owner = replace(owner, 'step.0', 'step.1')").run();
  const { owner } = raw.prepare("select owner from sealed_blobs").get() as { owner: string };
  raw.close();
  await expect(app.store.read((r) => r.sealed.open(owner))).rejects.toThrow(/altered, moved/);
  expect(skill.id).toMatch(/^skl_/);
});

test("names the error of a full disk, with nothing half done and no money moved", async () => {
  const home = makeHome();
  const { createOperator } = await openTestApp({ home });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    sealedScript("return $INPUT;"),
  );
  const order = {
    skill_id: skill.id,
    input: { text: "x".repeat(100_000) },
    idempotency_key: "k",
    wait_ms: 20_000,
  };

  const full = await openTestApp({ home, maxPages: 1 });
  const squeezed = operatorOn(full.app, buyer.id, buyer.apiKey);
  const refused = await squeezed.refused("stack_invoke_skill", order);
  expect(refused).toMatchObject({
    code: "STORAGE_FULL",
    message: expect.stringContaining("Free some space"),
  });
  expect(await squeezed.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });

  expect(await buyer.ok("stack_invoke_skill", order)).toMatchObject({ status: "completed" });
  expect(await full.app.services.wallet.findLedgerProblems()).toEqual([]);
});
