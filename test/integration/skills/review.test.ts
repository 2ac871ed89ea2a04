import { expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { sealedScript } from "../../helpers/skills.ts";

const DRAFT = sealedScript("return { sum: $INPUT.a + 1 };", {
  name: "adder",
  review: "manual",
  input_schema: { type: "object", properties: { a: { type: "integer" } }, required: ["a"] },
  example_input: { a: 1 },
  refusals: { odd: "It is odd." },
});

test("a reviewer reads and tries what waits, as its publisher wrote it, and its publisher is told", async () => {
  const { app, enter } = await openTestApp();
  const [seller, reviewer] = [await enter("seller"), await enter("reviewer")];
  const { id } = await seller.ok<{ id: string }>("stack_publish_skill", DRAFT);
  const opened = await app.services.reviews.open(id);
  expect(opened).toMatchObject({
    publisher: "seller",
    name: "adder",
    example_input: { a: 1 },
    draft: {
      execution_steps: [{ type: "script", code: "return { sum: $INPUT.a + 1 };" }],
      refusals: { odd: "It is odd." },
    },
  });
  const tried = await reviewer.ok("stack_test_skill", { ...opened.draft, input: { a: 41 } });
  expect(tried).toMatchObject({ ok: true, output: { sum: 42 } });
  const told = [];
  for await (const entry of app.services.audit.export(seller.id, {}))
    told.push(JSON.stringify(entry));
  expect(told.find((entry) => entry.includes('"skill.open"'))).toContain(opened.digest);
});

test("what does not wait for review is opened to nobody", async () => {
  const { app, enter } = await openTestApp();
  const seller = await enter("seller");
  const { id } = await seller.ok<{ id: string }>("stack_publish_skill", {
    ...DRAFT,
    review: "auto",
  });
  await expect(app.services.reviews.open(id)).rejects.toMatchObject({ code: "SKILL_NOT_ACTIVE" });
  await expect(app.services.reviews.open("skl_nothing")).rejects.toMatchObject({
    code: "SKILL_NOT_FOUND",
  });
  const { id: waiting } = await seller.ok<{ id: string }>("stack_publish_skill", {
    ...DRAFT,
    name: "later",
  });
  await seller.ok("stack_suspend_skill", { skill_id: waiting });
  await expect(app.services.reviews.open(waiting)).rejects.toMatchObject({
    code: "SKILL_NOT_ACTIVE",
  });
});
