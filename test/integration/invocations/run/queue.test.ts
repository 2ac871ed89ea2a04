import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { type Invocation, openMarket } from "../../../helpers/market.ts";
import { operatorOn } from "../../../helpers/operator.ts";
import { sealedScript } from "../../../helpers/skills.ts";

test("queues work without a free slot, and runs it when there is one", async () => {
  const { publish, buyer } = await openMarket({ env: { STACK_SANDBOX_SLOTS: "1" } });
  const skill_id = await publish(sealedScript("return { n: $INPUT.n };"));
  const started = await Promise.all(
    [1, 2, 3, 4].map((n) =>
      buyer.ok<Invocation>("stack_invoke_skill", { skill_id, input: { n }, wait_ms: 0 }),
    ),
  );
  expect(started.filter((one) => one.status === "pending").length).toBeGreaterThanOrEqual(2);
  const ends = await Promise.all(
    started.map((one) =>
      buyer.ok<Invocation>("stack_check_invocation", { invocation_id: one.id, wait_ms: 20_000 }),
    ),
  );
  expect(ends.map((one) => one.output)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
});

test("ends running work at once and voids its hold when the program stops", async () => {
  const first = await openMarket();
  const skill_id = await first.publish(sealedScript("await new Promise(() => {});"));
  const running = await first.invoke(skill_id, {}, { wait_ms: 0 });
  expect(running).toMatchObject({ status: "processing", held_cents: 27 - 1 });
  await first.app.stop(0);
  const second = await openTestApp({ home: first.home });
  const buyer = operatorOn(second.app, first.buyer.id, first.buyer.apiKey);
  const after = await buyer.ok("stack_check_invocation", { invocation_id: running.id });
  expect(after).toMatchObject({ status: "failed", error: { code: "lost" }, charged_cents: 0 });
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
});
