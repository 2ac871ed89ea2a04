import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { openSkill, type Shown, sealedScript } from "../../../helpers/skills.ts";

async function seller() {
  const { createOperator } = await openTestApp({ start: false });
  return createOperator("seller");
}

test("makes a version only when an update changes the content, and keeps old ones", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const first = await seller.ok<Shown>("stack_publish_skill", sealedScript("return { v: 1 };"));
  const update = (change: object) =>
    seller.ok<Shown>("stack_update_skill", { skill_id: first.id, ...change });
  expect(await update({ description: "Better said.", tags: ["a"] })).toMatchObject({
    version: "1.0.0",
    digest: first.digest,
  });
  expect(await update({ price_cents: 30 })).toMatchObject({
    version: "1.0.1",
    price_per_invocation: 30,
  });
  expect(await update({ price_per_invocation: 30 })).toMatchObject({ version: "1.0.1" });
  expect(await update({ version: "2.0.0", price_credits: 25 })).toMatchObject({
    version: "2.0.0",
    digest: first.digest,
  });
  for (const version of ["2.0.0", "1.9.9"]) {
    const change = { skill_id: first.id, version, price_per_invocation: 99 };
    expect((await seller.refused("stack_update_skill", change)).code).toBe("VERSION_CONFLICT");
  }
  const versions = await buyer.ok<{ items: Shown[] }>("stack_list_skill_versions", {
    skill_id: first.id,
  });
  expect(versions.items.map(({ version }) => version)).toEqual(["2.0.0", "1.0.1", "1.0.0"]);
  expect((await buyer.refused("stack_update_skill", { skill_id: first.id, tags: [] })).code).toBe(
    "SKILL_NOT_FOUND",
  );
  expect(
    (await seller.refused("stack_update_skill", { skill_id: first.id, name: "other" })).message,
  ).toMatch(/name/);
  expect(await update({ execution_mode: "open" })).toMatchObject({
    version: "2.0.1",
    execution_mode: "open",
  });
});

test("takes no publishing with another review or other wishes for a repetition", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const seller = await createOperator("seller");
  await seller.ok("stack_publish_skill", openSkill());
  for (const other of [{ review: "manual" }, { accepts_requests: false }]) {
    expect((await seller.refused("stack_publish_skill", openSkill(other))).code).toBe(
      "VERSION_CONFLICT",
    );
  }
});

test("rejects a change when its version cannot be counted up, unless it gives one", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const seller = await createOperator("seller");
  const draft = openSkill({ version: "1.0.9007199254740991" });
  const { id: skill_id } = await seller.ok<Shown>("stack_publish_skill", draft);
  expect((await seller.refused("stack_update_skill", { skill_id, price_cents: 1 })).code).toBe(
    "VERSION_CONFLICT",
  );
  const change = { skill_id, price_cents: 1, version: "2.0.0" };
  expect(await seller.ok("stack_update_skill", change)).toMatchObject({ version: "2.0.0" });
});

test("returns the same skill for the same content, and a conflict for other content", async () => {
  const operator = await seller();
  const first = await operator.ok<{ id: string; digest: string }>(
    "stack_publish_skill",
    sealedScript("return 1;"),
  );
  const again = await operator.ok<{ id: string; digest: string }>(
    "stack_publish_skill",
    sealedScript("return 1;"),
  );
  expect(again).toEqual(first);
  const conflict = await operator.refused("stack_publish_skill", sealedScript("return 2;"));
  expect(conflict).toMatchObject({ code: "VERSION_CONFLICT", details: { skill_id: first.id } });
});
