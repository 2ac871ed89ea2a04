import { expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { openSkill, type Shown } from "../../helpers/skills.ts";

test("stops a suspended skill and hides an unlisted one until it is reactivated", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const { id: skill_id } = await seller.ok<Shown>("stack_publish_skill", openSkill());
  const found = async () =>
    (await buyer.ok<{ items: Shown[] }>("stack_browse_skills")).items.length;
  const order = { skill_id, input: {}, wait_ms: 0 };
  await seller.ok("stack_unlist_skill", { skill_id });
  expect(await found()).toBe(0);
  await buyer.ok("stack_invoke_skill", order);
  await seller.ok("stack_suspend_skill", { skill_id });
  expect((await buyer.refused("stack_invoke_skill", order)).code).toBe("SKILL_NOT_FOUND");
  expect((await seller.refused("stack_invoke_skill", order)).code).toBe("SKILL_NOT_ACTIVE");
  expect(await seller.ok("stack_activate_skill", { skill_id })).toMatchObject({ status: "active" });
  expect(await found()).toBe(1);
  const mine = await seller.ok<{ items: Shown[] }>("stack_list_my_skills", { status: "active" });
  expect(mine.items.map(({ id }) => id)).toEqual([skill_id]);
  expect((await buyer.ok<{ items: Shown[] }>("stack_list_my_skills")).items).toEqual([]);
});

test("limits a plan's skills, and makes room when one is suspended", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const seller = await createOperator("seller");
  for (let i = 0; i < 100; i++)
    await seller.ok("stack_publish_skill", openSkill({ name: `skill-${i}` }));
  const refused = await seller.refused("stack_publish_skill", openSkill({ name: "one-more" }));
  expect(refused).toMatchObject({
    code: "TIER_LIMIT_EXCEEDED",
    message: expect.stringContaining("stack_suspend_skill"),
  });
  const { items } = await seller.ok<{ items: Shown[] }>("stack_list_my_skills", { limit: 1 });
  await seller.ok("stack_suspend_skill", { skill_id: items[0]?.id });
  await seller.ok("stack_publish_skill", openSkill({ name: "one-more" }));
  const back = await seller.refused("stack_activate_skill", { skill_id: items[0]?.id });
  expect(back.code).toBe("TIER_LIMIT_EXCEEDED");
});
