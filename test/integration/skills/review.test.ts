import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { makeHome } from "../../helpers/home.ts";
import { adminOf, operatorOn } from "../../helpers/operator.ts";
import { openSkill, type Shown, sealedScript } from "../../helpers/skills.ts";

const DRAFT = sealedScript("return { sum: $INPUT.a + 1 };", {
  name: "adder",
  review: "manual",
  input_schema: { type: "object", properties: { a: { type: "integer" } }, required: ["a"] },
  example_input: { a: 1 },
  refusals: { odd: "It is odd." },
});

test("shows others nothing under manual review that no admin approved", async () => {
  const { app, createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const admin = adminOf(app);
  const draft = openSkill({ review: "manual" });
  const { id: skill_id, status } = await seller.ok<Shown>("stack_publish_skill", draft);
  expect(status).toBe("pending_review");
  const hidden = async () => (await buyer.refused("stack_get_skill", { skill_id })).code;
  expect(await hidden()).toBe("SKILL_NOT_FOUND");
  expect((await seller.refused("stack_unlist_skill", { skill_id })).code).toBe("SKILL_NOT_ACTIVE");
  await seller.ok("stack_suspend_skill", { skill_id });
  expect(await seller.ok("stack_activate_skill", { skill_id })).toMatchObject({
    status: "pending_review",
  });
  for (const tool of ["stack_list_pending_reviews", "stack_approve_skill", "stack_reject_skill"]) {
    expect((await seller.refused(tool, tool.includes("list") ? {} : { skill_id })).code).toBe(
      "FORBIDDEN",
    );
  }
  expect(
    (await admin.ok<{ items: Shown[] }>("stack_list_pending_reviews")).items.map(({ id }) => id),
  ).toEqual([skill_id]);
  await admin.ok("stack_reject_skill", { skill_id });
  expect(await seller.ok("stack_get_skill", { skill_id })).toMatchObject({
    status: "suspended",
    rejection_reason: "Rejected by admin",
  });
  await seller.ok("stack_activate_skill", { skill_id });
  await admin.ok("stack_approve_skill", { skill_id });
  expect(await buyer.ok("stack_get_skill", { skill_id })).toMatchObject({ status: "active" });
  expect((await admin.refused("stack_approve_skill", { skill_id })).code).toBe("SKILL_NOT_ACTIVE");
  expect(
    await seller.ok("stack_update_skill", { skill_id, description: "New words." }),
  ).toMatchObject({
    status: "active",
  });
  await seller.ok("stack_update_skill", { skill_id, price_per_invocation: 1 });
  expect(await hidden()).toBe("SKILL_NOT_FOUND");
  await seller.ok("stack_suspend_skill", { skill_id });
  await seller.ok("stack_update_skill", { skill_id, review: "auto" });
  expect(await hidden()).toBe("SKILL_NOT_FOUND");
});

test("reviews what says auto, and what was there before, when the host reviews all", async () => {
  const home = makeHome();
  const before = await openTestApp({ home, start: false });
  const seller = await before.createOperator("seller");
  const old = await seller.ok<Shown>("stack_publish_skill", openSkill({ name: "old" }));
  writeFileSync(join(home, "config.json"), JSON.stringify({ review: "manual" }));
  const { app } = await openTestApp({ home, start: false });
  const same = operatorOn(app, seller.id, seller.apiKey);
  const fresh = await same.ok<Shown>(
    "stack_publish_skill",
    openSkill({ name: "new", review: "auto" }),
  );
  expect(fresh.status).toBe("pending_review");
  await same.ok("stack_suspend_skill", { skill_id: old.id });
  expect(await same.ok("stack_activate_skill", { skill_id: old.id })).toMatchObject({
    status: "pending_review",
  });
  await same.ok("stack_update_skill", { skill_id: fresh.id, review: "auto" });
  expect(await same.ok("stack_get_skill", { skill_id: fresh.id })).toMatchObject({
    status: "pending_review",
  });
});

test("approves only what was read, for good, and lists nothing that is unlisted", async () => {
  const { app, createOperator } = await openTestApp({ start: false });
  const seller = await createOperator("seller");
  const admin = adminOf(app);
  const { id: skill_id } = await seller.ok<Shown>(
    "stack_publish_skill",
    openSkill({ review: "manual" }),
  );
  const read = await admin.ok<Shown>("stack_get_skill", { skill_id });
  await seller.ok("stack_update_skill", { skill_id, price_per_invocation: 1 });
  for (const tool of ["stack_approve_skill", "stack_reject_skill"]) {
    expect((await admin.refused(tool, { skill_id, digest: read.digest })).code).toBe(
      "VERSION_CONFLICT",
    );
  }
  const { digest } = await admin.ok<Shown>("stack_get_skill", { skill_id });
  await admin.ok("stack_approve_skill", { skill_id, digest });
  await seller.ok("stack_unlist_skill", { skill_id });
  await seller.ok("stack_update_skill", { skill_id, price_per_invocation: 2 });
  expect(await admin.ok("stack_approve_skill", { skill_id })).toMatchObject({ status: "unlisted" });
  await seller.ok("stack_update_skill", { skill_id, price_per_invocation: 3 });
  await admin.ok("stack_reject_skill", { skill_id });
  await seller.ok("stack_update_skill", { skill_id, review: "auto" });
  expect(await seller.ok("stack_activate_skill", { skill_id })).toMatchObject({
    status: "pending_review",
  });
});

test("opens what waits for review as it was written, and tells its publisher", async () => {
  const { app, createOperator } = await openTestApp();
  const [seller, reviewer] = [await createOperator("seller"), await createOperator("reviewer")];
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

test("opens nothing that does not wait for review", async () => {
  const { app, createOperator } = await openTestApp();
  const seller = await createOperator("seller");
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
