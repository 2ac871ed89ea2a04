import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import type { Operator } from "../../../helpers/operator.ts";
import { type Shown, sealedScript } from "../../../helpers/skills.ts";

test("ignores ratings of runs that cost next to nothing beside the price", async () => {
  const { createOperator } = await openTestApp();
  const [seller, puppet, buyer] = [
    await createOperator("seller"),
    await createOperator("puppet"),
    await createOperator("buyer"),
  ];
  const { id: skill_id } = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("return {};", { price_per_invocation: 1 }),
  );
  const use = async (who: Operator, rating: number) => {
    await who.ok("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000 });
    return who.ok("stack_rate_skill", { skill_id, rating });
  };
  expect(await use(puppet, 5)).toMatchObject({ average_rating: null, rating_count: 0 });
  await seller.ok("stack_update_skill", { skill_id, price_per_invocation: 20 });
  expect(await use(buyer, 3)).toMatchObject({ average_rating: 3, rating_count: 1 });
  await seller.ok("stack_update_skill", { skill_id, price_per_invocation: 201 });
  expect(await buyer.ok("stack_get_skill", { skill_id })).toMatchObject({ rating_count: 0 });
});

test("takes ratings only from those who used the skill, once a version", async () => {
  const { createOperator } = await openTestApp();
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const { id: skill_id } = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("return {};"),
  );
  const run = async (who: Operator) =>
    who.ok<Shown>("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000 });
  expect((await buyer.refused("stack_rate_skill", { skill_id, rating: 5 })).code).toBe("FORBIDDEN");
  const own = await run(seller);
  expect((await seller.refused("stack_rate_skill", { skill_id, rating: 5 })).code).toBe(
    "FORBIDDEN",
  );
  const foreign = { skill_id, rating: 5, invocation_id: own.id };
  expect((await buyer.refused("stack_rate_skill", foreign)).code).toBe("INVOCATION_NOT_FOUND");
  await run(buyer);
  expect((await buyer.refused("stack_rate_skill", { skill_id, rating: 6 })).code).toBe(
    "INVALID_REQUEST",
  );
  await buyer.ok("stack_rate_skill", { skill_id, rating: 2 });
  expect(await buyer.ok("stack_rate_skill", { skill_id, rating: 4 })).toMatchObject({
    average_rating: 4,
    rating_count: 1,
  });
  expect(await seller.ok("stack_get_skill_ratings", { skill_id })).toMatchObject({
    average_rating: 4,
    invocation_count: 1,
    distribution: { "2": 0, "4": 1 },
    versions: [{ version: "1.0.0", average_rating: 4, rating_count: 1 }],
  });
});

test("ignores ratings of free runs once the skill has a price", async () => {
  const { createOperator } = await openTestApp();
  const [seller, friend, buyer] = [
    await createOperator("seller"),
    await createOperator("friend"),
    await createOperator("buyer"),
  ];
  const { id: skill_id } = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("return {};", { price_per_invocation: 0 }),
  );
  const use = async (who: Operator, rating: number) => {
    await who.ok("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000 });
    return who.ok("stack_rate_skill", { skill_id, rating });
  };
  expect(await use(friend, 5)).toMatchObject({ average_rating: 5, rating_count: 1 });
  await seller.ok("stack_update_skill", { skill_id, price_per_invocation: 50 });
  expect(await buyer.ok("stack_get_skill", { skill_id })).toMatchObject({
    average_rating: null,
    rating_count: 0,
  });
  expect(await use(buyer, 2)).toMatchObject({ average_rating: 2, rating_count: 1 });
});
