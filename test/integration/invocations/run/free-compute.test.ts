import { expect, test } from "vitest";
import prices from "../../../../storage/seed/prices.json" with { type: "json" };
import { openTestApp } from "../../../helpers/app.ts";
import { clockAt } from "../../../helpers/clock.ts";
import { type Shown, sealedScript } from "../../../helpers/skills.ts";

test("bounds a day's free compute by the plan, counting what each run used", async () => {
  let now = Date.UTC(2026, 4, 1, 23, 0);
  const { app, createOperator } = await openTestApp({ clock: clockAt(() => now) });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const steps = [{ type: "llm", model: "openai/gpt-4o", max_tokens: 10_000 }];
  const skill = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("", { price_per_invocation: 0, output_schema: {}, execution_steps: steps }),
  );
  const order = { skill_id: skill.id, input: { text: "x" }, repeat: true, wait_ms: 20_000 };
  const cap = prices.plans.free.free_compute_micro_usd_per_day;
  const used = async () =>
    app.store.read((r) => r.freeCompute.usedOn(buyer.id, Math.floor(now / 86_400_000)));
  expect(await buyer.ok("stack_invoke_skill", order)).toMatchObject({
    status: "completed",
    charged_cents: 0,
    charge_note: expect.stringContaining("free"),
  });
  const { microUsd } = await used();
  expect(microUsd).toBeGreaterThan(0);
  expect(microUsd).toBeLessThan(1_000);
  await app.store.transact([buyer.id], (t) =>
    t.freeCompute.take(buyer.id, Math.floor(now / 86_400_000), cap - 90_000, cap),
  );
  expect((await buyer.refused("stack_invoke_skill", order)).code).toBe("TIER_LIMIT_EXCEEDED");
  expect(
    (
      await buyer.ok<{ obstacles: { code: string }[] }>("stack_quote_skill", {
        skill_id: skill.id,
        input: order.input,
      })
    ).obstacles[0]?.code,
  ).toBe("TIER_LIMIT_EXCEEDED");
  const rich = await createOperator("rich", { plan: "enterprise" });
  expect(await rich.ok("stack_invoke_skill", order)).toMatchObject({ status: "completed" });
  now += 2 * 3_600_000;
  expect(await buyer.ok("stack_invoke_skill", order)).toMatchObject({ status: "completed" });
  expect(await used()).toMatchObject({ runs: 1 });
});

test("counts the compute of priced runs that fail under the same bound", async () => {
  const { app, createOperator } = await openTestApp();
  const cheat = await createOperator("cheat", { fundCents: 100_000 });
  const steps = [
    { type: "llm", model: "openai/gpt-4o", max_tokens: 1_000 },
    { type: "script", runtime: "javascript", code: "throw new Error($PREV);" },
  ];
  const draft = sealedScript("", {
    execution_mode: "source",
    price_per_invocation: 1,
    execution_steps: steps,
  });
  const skill = await cheat.ok<Shown>("stack_publish_skill", draft);
  const day = Math.floor(Date.now() / 86_400_000);
  const order = { skill_id: skill.id, input: { text: "Name: x" }, wait_ms: 20_000 };
  expect(await cheat.ok("stack_invoke_skill", order)).toMatchObject({
    status: "failed",
    charged_cents: 0,
  });
  const { microUsd } = await app.store.read((r) => r.freeCompute.usedOn(cheat.id, day));
  expect(microUsd).toBeGreaterThan(0);
  await app.store.transact([cheat.id], (t) =>
    t.freeCompute.add(cheat.id, day, prices.plans.free.free_compute_micro_usd_per_day),
  );
  expect((await cheat.refused("stack_invoke_skill", order)).code).toBe("TIER_LIMIT_EXCEEDED");
  const quote = await cheat.ok<{ obstacles: { code: string }[] }>("stack_quote_skill", {
    skill_id: skill.id,
  });
  expect(quote.obstacles.map(({ code }) => code)).toEqual(["TIER_LIMIT_EXCEEDED"]);
});
