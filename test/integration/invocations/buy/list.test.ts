import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { openSkill, type Shown } from "../../../helpers/skills.ts";

test("lists a buyer's own invocations, newest first, by state and skill", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<Shown>(
    "stack_publish_skill",
    openSkill({ price_per_invocation: 1 }),
  );
  const bought = [];
  for (let i = 0; i < 3; i++) {
    bought.push(
      await buyer.ok<Shown>("stack_invoke_skill", { skill_id: skill.id, input: { i }, wait_ms: 0 }),
    );
  }
  await buyer.ok("stack_cancel_invocation", { invocation_id: bought[1]?.id });
  const ids = async (query: object) => {
    const page = await buyer.ok<{ items: Shown[]; next_cursor?: string }>(
      "stack_list_my_invocations",
      { ...query },
    );
    return { ids: page.items.map(({ id }) => id), next: page.next_cursor };
  };
  const [first, second, third] = bought.map(({ id }) => id);
  expect((await ids({})).ids).toEqual([third, second, first]);
  expect((await ids({ status: "cancelled" })).ids).toEqual([second]);
  expect((await ids({ skill_id: "skl_none" })).ids).toEqual([]);
  const page = await ids({ limit: 2 });
  expect((await ids({ limit: 2, cursor: page.next })).ids).toEqual([first]);
  expect((await seller.ok<{ items: unknown[] }>("stack_list_my_invocations")).items).toEqual([]);
});
