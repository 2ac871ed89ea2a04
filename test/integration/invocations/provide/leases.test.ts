import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { clockAt } from "../../../helpers/clock.ts";
import { openSkill, type Shown } from "../../../helpers/skills.ts";

test("cancels what a provider has claimed only when its lease has lapsed", async () => {
  let now = Date.now();
  const { app, createOperator } = await openTestApp({ start: false, clock: clockAt(() => now) });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<Shown>("stack_publish_skill", openSkill());
  const { id } = await buyer.ok<Shown>("stack_invoke_skill", {
    skill_id: skill.id,
    input: {},
    wait_ms: 0,
  });
  const invocation = { invocation_id: id };
  await seller.ok("stack_claim_invocation", invocation);
  const refused = await buyer.refused("stack_cancel_invocation", invocation);
  expect(refused).toMatchObject({
    code: "INVOCATION_NOT_OPEN",
    message: expect.stringMatching(/has claimed the invocation until 20/),
  });
  now += 4 * 60_000;
  const renewed = await seller.ok("stack_renew_invocation", {
    ...invocation,
    progress: 40,
    note: "half of it",
  });
  expect(renewed.lease_expires_at).toBe(new Date(now + 5 * 60_000).toISOString());
  expect(await buyer.ok("stack_check_invocation", invocation)).toMatchObject({
    progress: 40,
    progress_note: "half of it",
  });
  now += 4 * 60_000;
  expect((await buyer.refused("stack_cancel_invocation", invocation)).code).toBe(
    "INVOCATION_NOT_OPEN",
  );
  now += 2 * 60_000;
  expect(await buyer.ok("stack_cancel_invocation", invocation)).toMatchObject({
    status: "cancelled",
  });
  expect((await seller.refused("stack_renew_invocation", invocation)).code).toBe(
    "INVOCATION_NOT_OPEN",
  );
  expect(
    (await seller.refused("stack_complete_invocation", { ...invocation, output: { text: "" } }))
      .code,
  ).toBe("INVOCATION_NOT_OPEN");
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
});

test("never renews a lease past the invocation's own time", async () => {
  let now = Date.now();
  const { createOperator } = await openTestApp({ start: false, clock: clockAt(() => now) });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<Shown>(
    "stack_publish_skill",
    openSkill({ invocation_ttl_seconds: 360 }),
  );
  const bought = await buyer.ok<Shown & { expires_at: string }>("stack_invoke_skill", {
    skill_id: skill.id,
    input: {},
    wait_ms: 0,
  });
  const invocation = { invocation_id: bought.id };
  expect((await seller.refused("stack_renew_invocation", invocation)).code).toBe(
    "INVOCATION_NOT_OPEN",
  );
  await seller.ok("stack_claim_invocation", invocation);
  now += 4 * 60_000;
  expect(await seller.ok("stack_renew_invocation", invocation)).toMatchObject({
    lease_expires_at: bought.expires_at,
  });
});
