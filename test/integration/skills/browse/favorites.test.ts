import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import type { Operator } from "../../../helpers/operator.ts";
import { openSkill, type Shown } from "../../../helpers/skills.ts";

test("lists one's own favorites, without skills that are hidden", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skills = [];
  for (const name of ["one", "two"])
    skills.push(
      await seller.ok<Shown>("stack_publish_skill", openSkill({ name: `skill-${name}` })),
    );
  for (const { id } of skills) await buyer.ok("stack_favorite_skill", { skill_id: id });
  await buyer.ok("stack_favorite_skill", { skill_id: skills[0]?.id });
  const names = async (who: Operator) =>
    (await who.ok<{ items: Shown[] }>("stack_list_favorite_skills")).items.map(({ name }) => name);
  expect(await names(buyer)).toEqual(["skill-two", "skill-one"]);
  expect(await names(seller)).toEqual([]);
  expect(await buyer.ok("stack_get_skill", { skill_id: skills[0]?.id })).toMatchObject({
    is_favorite: true,
  });
  await seller.ok("stack_suspend_skill", { skill_id: skills[1]?.id });
  expect(await names(buyer)).toEqual(["skill-one"]);
  await buyer.ok("stack_unfavorite_skill", { skill_id: skills[0]?.id });
  expect(await names(buyer)).toEqual([]);
});
