import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { LIMITS } from "../../../../src/shared/limits.ts";
import { openTestApp } from "../../../helpers/app.ts";
import { clockAt } from "../../../helpers/clock.ts";
import { makeHome, testEnv } from "../../../helpers/home.ts";
import { operatorOn } from "../../../helpers/operator.ts";
import { sealedScript } from "../../../helpers/skills.ts";

const script = fileURLToPath(new URL("../../../helpers/crash-process.ts", import.meta.url));
/**
 * Two transactions of three boundaries each and a sandbox of two: more than this and the process
 * lives to its end.
 */
const BOUNDARIES = 8;

function crashAt(
  boundary: number,
  home: string,
  apiKey: string,
  skillId: string,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [script, apiKey, skillId, String(boundary)],
      { env: testEnv(home) },
      () => {},
    );
    child.on("exit", (_code, signal) => resolve(signal));
  });
}

test.each(Array.from({ length: BOUNDARIES + 1 }, (_, i) => i + 1))(
  "loses nothing and charges once when killed at boundary %i of an invocation",
  async (boundary) => {
    const home = makeHome();
    const before = await openTestApp({ home, start: false });
    const [seller, buyer] = [
      await before.createOperator("seller"),
      await before.createOperator("buyer"),
    ];
    const skill = await seller.ok<{ id: string }>(
      "stack_publish_skill",
      sealedScript("return $INPUT;"),
    );
    const signal = await crashAt(boundary, home, buyer.apiKey, skill.id);
    expect(signal).toBe(boundary <= BOUNDARIES ? "SIGKILL" : null);

    // The next start, once the lease has lapsed.
    const later = await openTestApp({
      home,
      clock: clockAt(() => Date.now() + LIMITS.sealedLeaseMs + 1_000),
    });
    await later.app.chores.pass();
    expect(await later.app.services.wallet.findLedgerProblems()).toEqual([]);
    const again = operatorOn(later.app, buyer.id, buyer.apiKey);
    const wallet = await again.ok<{ balance_cents: number }>("stack_get_balance");
    expect(wallet).toMatchObject({ held_cents: 0 });
    expect([974, 1_000]).toContain(wallet.balance_cents);

    // The client that never heard an answer asks again with the same key.
    const order = {
      skill_id: skill.id,
      input: { n: 1 },
      idempotency_key: "order",
      wait_ms: 20_000,
    };
    const end = await again.ok<{ status: string; charged_cents: number }>(
      "stack_invoke_skill",
      order,
    );
    expect(["completed", "failed"]).toContain(end.status);
    expect(end.charged_cents).toBe(end.status === "completed" ? 26 : 0);
    expect(await again.ok("stack_get_balance")).toMatchObject({
      balance_cents: 1_000 - end.charged_cents,
      held_cents: 0,
    });
    expect(await later.app.services.wallet.findLedgerProblems()).toEqual([]);
    expect(
      (await later.app.services.audit.verify()).every((chain) => chain.problem === undefined),
    ).toBe(true);
  },
);

test("voids what a dead process left while a living one shares the file", async () => {
  const home = makeHome();
  let now = Date.now();
  const survivor = await openTestApp({ home, clock: clockAt(() => now) });
  const [seller, buyer] = [
    await survivor.createOperator("seller"),
    await survivor.createOperator("buyer"),
  ];
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    sealedScript("return $INPUT;"),
  );
  const afterTheHold = 3;
  expect(await crashAt(afterTheHold, home, buyer.apiKey, skill.id)).toBe("SIGKILL");
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ balance_cents: 974, held_cents: 26 });
  now += LIMITS.sealedLeaseMs + 5_000;
  await survivor.app.chores.pass();
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
});

test("ignores a result that comes after its lease was lost", async () => {
  let now = Date.now();
  const { app, createOperator, logged } = await openTestApp({ clock: clockAt(() => now) });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const slow = "const until = Date.now() + 800; while (Date.now() < until); return {};";
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", sealedScript(slow));
  const run = await buyer.ok<{ id: string }>("stack_invoke_skill", {
    skill_id: skill.id,
    input: {},
    wait_ms: 0,
  });
  now += LIMITS.sealedLeaseMs + 1;
  await app.chores.pass();
  const lost = await buyer.ok("stack_check_invocation", { invocation_id: run.id });
  expect(lost).toMatchObject({ status: "failed", error: { code: "lost" } });
  await expect.poll(() => logged.join("\n"), { timeout: 10_000 }).toContain("the lease was lost");
  expect(await buyer.ok("stack_check_invocation", { invocation_id: run.id })).toEqual(lost);
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
});
