import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { EXTRACT_INVOICE_TOTALS, INVOICE } from "../../../../src/faces/cli/demo/skills.ts";
import { DomainError } from "../../../../src/shared/errors.ts";
import { LIMITS } from "../../../../src/shared/limits.ts";
import type { Transaction } from "../../../../storage/repository-table.ts";
import { openTestApp } from "../../../helpers/app.ts";
import { clockAt } from "../../../helpers/clock.ts";
import { makeHome } from "../../../helpers/home.ts";
import { operatorOn } from "../../../helpers/operator.ts";
import { sealedScript } from "../../../helpers/skills.ts";

interface Invocation {
  readonly id: string;
  readonly status: string;
}

async function market(options: Parameters<typeof openTestApp>[0] = {}) {
  const test = await openTestApp(options);
  const [seller, buyer] = [await test.createOperator("seller"), await test.createOperator("buyer")];
  const publish = async (draft: Record<string, unknown>) =>
    (await seller.ok<{ id: string }>("stack_publish_skill", draft)).id;
  const invoke = (skill_id: string, input: Record<string, unknown>, wait_ms: number) =>
    buyer.ok<Invocation>("stack_invoke_skill", { skill_id, input, wait_ms });
  return { ...test, buyer, publish, invoke };
}

const FOR_EVER = sealedScript("await new Promise(() => {});", { name: "for-ever" });

test("renews the lease of running work before it lapses", async () => {
  const { home, publish, invoke } = await market();
  const { id } = await invoke(await publish(FOR_EVER), {}, 0);
  const raw = new Database(join(home, "stack.db"), { readonly: true });
  const lease = raw.prepare("select lease_expires_at from invocations where id = ?").pluck();
  const first = lease.get(id) as number;
  await expect.poll(() => lease.get(id), { timeout: LIMITS.sealedLeaseMs }).toBeGreaterThan(first);
  raw.close();
});

test("runs what it can behind work that it cannot, and leaves that to others", async () => {
  const home = makeHome();
  const full = await market({ home, env: { STACK_SANDBOX_SLOTS: "1" } });
  await full.invoke(await full.publish(FOR_EVER), {}, 0);
  const llm = await full.invoke(await full.publish(EXTRACT_INVOICE_TOTALS), INVOICE, 0);
  const plain = await full.invoke(
    await full.publish(sealedScript("return { done: true };")),
    {},
    0,
  );
  expect([llm.status, plain.status]).toEqual(["pending", "pending"]);
  await openTestApp({ home, env: { STACK_LLM_FALLBACK: "" } });
  const end = await full.buyer.ok("stack_check_invocation", {
    invocation_id: plain.id,
    wait_ms: 20_000,
  });
  expect(end).toMatchObject({ status: "completed" });
  expect(await full.buyer.ok("stack_check_invocation", { invocation_id: llm.id })).toMatchObject({
    status: "pending",
  });
});

test("neither runs nor charges queued work whose time has passed", async () => {
  const home = makeHome();
  const full = await market({ home, env: { STACK_SANDBOX_SLOTS: "1" } });
  await full.invoke(await full.publish(FOR_EVER), {}, 0);
  const draft = sealedScript("return {};", { invocation_ttl_seconds: 60 });
  const late = await full.invoke(await full.publish(draft), {}, 0);
  const later = await openTestApp({ home, clock: clockAt(() => Date.now() + 61_000) });
  const buyer = operatorOn(later.app, full.buyer.id, full.buyer.apiKey);
  const end = await buyer.ok("stack_check_invocation", { invocation_id: late.id, wait_ms: 20_000 });
  expect(end).toMatchObject({ status: "expired", charged_cents: 0 });
});

test("ends a run at once on a fault of the server's own, and voids its hold", async () => {
  const { app, buyer, publish, invoke, logged } = await market();
  app.sandbox.run = async () => {
    throw new DomainError("SANDBOX_UNAVAILABLE");
  };
  const failed = await invoke(await publish(sealedScript("return {};")), {}, 10_000);
  expect(failed).toMatchObject({
    status: "failed",
    error: { code: "crash", step: 1 },
    held_cents: 0,
  });
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
  expect(logged.join("\n")).toContain("The sandbox does not start");
});

test("records a result again that could not be recorded", async () => {
  const { app, publish, invoke } = await market();
  const skill = await publish(sealedScript("return { done: true };"));
  const transact = app.store.transact.bind(app.store);
  let calls = 0;
  app.store.transact = async <T>(
    gates: readonly string[],
    work: (t: Transaction) => Promise<T>,
  ) => {
    calls++;
    if (calls === 2) throw new DomainError("BUSY");
    return transact(gates, work);
  };
  expect(await invoke(skill, {}, 20_000)).toMatchObject({ status: "completed", charged_cents: 26 });
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
});
