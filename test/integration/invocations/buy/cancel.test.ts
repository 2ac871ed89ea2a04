import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { operatorOn } from "../../../helpers/operator.ts";
import { openSkill, type Shown, sealedScript } from "../../../helpers/skills.ts";

const FOREVER = sealedScript("await new Promise(() => {});");

test("voids the hold of a waiting invocation that its buyer cancels, once", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<Shown>("stack_publish_skill", openSkill());
  const { id } = await buyer.ok<Shown>("stack_invoke_skill", {
    skill_id: skill.id,
    input: {},
    wait_ms: 0,
  });
  const invocation = { invocation_id: id };
  expect((await seller.refused("stack_cancel_invocation", invocation)).code).toBe("FORBIDDEN");
  const cancelled = await buyer.ok("stack_cancel_invocation", invocation);
  expect(cancelled).toMatchObject({ status: "cancelled", held_cents: 0, charged_cents: 0 });
  expect(cancelled.charge_note).toMatch(/Nothing was charged: the invocation was cancelled/);
  expect(await buyer.ok("stack_cancel_invocation", invocation)).toEqual(cancelled);
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
  expect((await seller.refused("stack_claim_invocation", invocation)).code).toBe(
    "INVOCATION_NOT_OPEN",
  );
});

test("kills the child of a cancelled sealed run, and frees its slot", async () => {
  const { app, createOperator, logged } = await openTestApp({ env: { STACK_SANDBOX_SLOTS: "1" } });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const slow = await seller.ok<Shown>("stack_publish_skill", FOREVER);
  const quick = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("return {};", { name: "quick" }),
  );
  const { id } = await buyer.ok<Shown>("stack_invoke_skill", {
    skill_id: slow.id,
    input: {},
    wait_ms: 0,
  });
  expect(await buyer.ok("stack_check_invocation", { invocation_id: id })).toMatchObject({
    status: "processing",
  });
  expect(await buyer.ok("stack_cancel_invocation", { invocation_id: id })).toMatchObject({
    status: "cancelled",
  });
  const next = await buyer.ok("stack_invoke_skill", {
    skill_id: quick.id,
    input: {},
    wait_ms: 20_000,
  });
  expect(next).toMatchObject({ status: "completed" });
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
  expect(logged.join()).not.toMatch(/lease was lost|could not/);
  const used = await app.store.read((r) =>
    r.freeCompute.usedOn(buyer.id, Math.floor(Date.now() / 86_400_000)),
  );
  expect(used.microUsd).toBeGreaterThan(0);
});

test("cancels from one process what runs in another", async () => {
  const one = await openTestApp({ env: { STACK_SANDBOX_SLOTS: "1" } });
  const [seller, buyer] = [await one.createOperator("seller"), await one.createOperator("buyer")];
  const slow = await seller.ok<Shown>("stack_publish_skill", FOREVER);
  const { id } = await buyer.ok<Shown>("stack_invoke_skill", {
    skill_id: slow.id,
    input: {},
    wait_ms: 0,
  });
  const other = await openTestApp({ home: one.home, start: false });
  await operatorOn(other.app, buyer.id, buyer.apiKey).ok("stack_cancel_invocation", {
    invocation_id: id,
  });
  const quick = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("return {};", { name: "quick" }),
  );
  const next = await buyer.ok("stack_invoke_skill", {
    skill_id: quick.id,
    input: {},
    wait_ms: 10_000,
  });
  expect(next).toMatchObject({ status: "completed" });
});
