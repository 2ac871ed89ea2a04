import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { openSkill, sealedScript } from "../../../helpers/skills.ts";

interface Page {
  readonly items: {
    readonly id: string;
    readonly name: string;
    readonly not_to_be_taken_for?: string[];
  }[];
  readonly note?: string;
}

interface Market {
  readonly queries: readonly { readonly query: string; readonly expect: string }[];
  readonly others: readonly {
    readonly name: string;
    readonly description: string;
    readonly tags: string[];
  }[];
}

/** Offers and wishes as strangers word them, not taken from the words of the search. */
const MARKET = JSON.parse(
  readFileSync(new URL("../../../fixtures/market.json", import.meta.url), "utf8"),
) as Market;

test("finds a skill by a natural question among more than 200 others", async () => {
  const { app, createOperator } = await openTestApp({ start: false });
  await app.services.seed.seed();
  const crowd = await createOperator("crowd", { plan: "enterprise" });
  expect(MARKET.others.length).toBeGreaterThanOrEqual(200);
  for (const other of MARKET.others) await crowd.ok("stack_publish_skill", openSkill(other));
  const missed = [];
  for (const { query, expect: wanted } of MARKET.queries) {
    const { items } = await crowd.ok<Page>("stack_browse_skills", { search: query, limit: 3 });
    if (!items.some(({ name }) => name === wanted)) missed.push(query);
  }
  const given = new Set(MARKET.queries.slice(0, 10).map(({ query }) => query));
  expect(missed.filter((query) => given.has(query))).toEqual([]);
  expect(missed.length).toBeLessThanOrEqual(MARKET.queries.length * 0.05);
});

test("says so when an answer is not what was searched for", async () => {
  const { app, createOperator } = await openTestApp({ start: false });
  await app.services.seed.seed();
  const buyer = await createOperator("buyer");
  const search = async (text: string) =>
    buyer.ok<Page>("stack_browse_skills", { search: text, limit: 3 });
  expect(await search("slugify a title")).not.toHaveProperty("note");
  expect((await search("slugify zeppelins")).note).toMatch(/^No skill has all of these words/);
  const misspelt = await search("slugfiy");
  expect(misspelt.note).toMatch(/^No skill has any of these words: these have the nearest names/);
  expect(misspelt.items[0]?.name).toBe("slugify");
  expect(await search("zeppelins")).toEqual({
    items: [],
    note: expect.stringContaining("stack_post_skill_request"),
  });
  expect((await search("text-works")).items.map(({ name }) => name)).toContain("slugify");
});

test("takes publisher/name for a skill, and its name alone where only one is meant", async () => {
  const { createOperator } = await openTestApp();
  const [seller, rival, buyer] = [
    await createOperator("seller"),
    await createOperator("rival"),
    await createOperator("buyer"),
  ];
  const code = (text: string) => sealedScript(`return { text: "${text}" };`, { name: "shout" });
  await seller.ok("stack_publish_skill", code("seller"));
  const run = async (skill_id: string, more = {}) =>
    buyer.call("stack_invoke_skill", {
      skill_id,
      input: { text: "x" },
      wait_ms: 20_000,
      repeat: true,
      ...more,
    });
  expect(await run("shout")).toMatchObject({ ok: true, value: { output: { text: "seller" } } });
  await rival.ok("stack_publish_skill", code("rival"));
  const unclear = await run("shout");
  expect(unclear).toMatchObject({ ok: false, error: { code: "INVALID_REQUEST" } });
  expect(JSON.stringify(unclear)).not.toBe("");
  expect(unclear.ok ? "" : unclear.error.message).toContain("seller/shout, rival/shout");
  expect(await run("rival/shout", { version: "latest" })).toMatchObject({
    value: { output: { text: "rival" } },
  });
  expect(await run(" Seller/Shout ")).toMatchObject({ value: { output: { text: "seller" } } });
  expect(await rival.ok("stack_get_skill", { skill_id: "shout" })).toMatchObject({
    publisher: "rival",
  });
  expect(await run("seller/nothing")).toMatchObject({
    ok: false,
    error: { code: "SKILL_NOT_FOUND" },
  });
  const own = await seller.ok<{ id: string }>("stack_get_skill", { skill_id: "shout" });
  await seller.ok("stack_suspend_skill", { skill_id: "seller/shout" });
  expect(await run("seller/shout")).toMatchObject({
    ok: false,
    error: { code: "SKILL_NOT_FOUND" },
  });
  expect(await run("shout")).toMatchObject({ value: { output: { text: "rival" } } });
  expect(await run(own.id)).toMatchObject({ ok: false, error: { code: "SKILL_NOT_FOUND" } });
});

test("gives an idempotency key the same meaning for a skill's id and its name", async () => {
  const { createOperator } = await openTestApp();
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const { id } = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    sealedScript("return { text: 'a' };"),
  );
  const order = { input: { text: "x" }, wait_ms: 20_000, idempotency_key: "order-1" };
  const first = await buyer.ok("stack_invoke_skill", { ...order, skill_id: id });
  const { name } = await seller.ok<{ name: string }>("stack_get_skill", { skill_id: id });
  expect(
    await buyer.ok("stack_invoke_skill", { ...order, skill_id: `seller/${name}` }),
  ).toMatchObject({
    id: first.id,
  });
});

test("shows in a listing whose it is and how its last runs went for others", async () => {
  const { createOperator } = await openTestApp();
  const [seller, one, two] = [
    await createOperator("seller"),
    await createOperator("one"),
    await createOperator("two"),
  ];
  const code = "if ($INPUT.text === 'bad') throw new Error('no'); return { text: $INPUT.text };";
  const { id } = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    sealedScript(code, { name: "echo" }),
  );
  const listed = async () =>
    (await one.ok<Page>("stack_browse_skills", { search: "echo" })).items[0];
  expect(await listed()).toMatchObject({ publisher: "seller" });
  expect(await listed()).not.toHaveProperty("recent_runs");
  const run = (buyer: typeof one, text: string) =>
    buyer.ok("stack_invoke_skill", {
      skill_id: id,
      input: { text },
      wait_ms: 20_000,
      repeat: true,
    });
  for (const text of ["a", "b", "bad"]) await run(one, text);
  await run(two, "c");
  await run(seller, "bad");
  const runs = { runs: 4, buyers: 2, success_rate: 0.75, median_ms: expect.any(Number) };
  expect(await listed()).toMatchObject({ recent_runs: runs });
  expect(await one.ok("stack_get_skill", { skill_id: id })).toMatchObject({
    publisher: "seller",
    recent_runs: runs,
  });
});

test("rejects a name that looks like a known one, and tells near names apart", async () => {
  const { app, createOperator } = await openTestApp();
  const [seller, other] = [await createOperator("seller"), await createOperator("other")];
  await seller.ok(
    "stack_publish_skill",
    sealedScript("return { text: 'a' };", { name: "modern-text" }),
  );
  const draft = (name: string) => sealedScript("return { text: 'b' };", { name });
  await other.ok("stack_publish_skill", draft("modem-text"));
  const near = (await other.ok<Page>("stack_browse_skills", { search: "text" })).items;
  expect(near.map((item) => item.not_to_be_taken_for).sort()).toEqual([
    ["modem-text by other"],
    ["modern-text by seller"],
  ]);
  const quote = await seller.ok("stack_quote_skill", { skill_id: "other/modem-text" });
  expect(quote).toMatchObject({
    publisher: "other",
    not_to_be_taken_for: ["modern-text by seller"],
  });
  for (const name of ["b1", "b2", "b3"]) {
    const buyer = await createOperator(name);
    await buyer.ok("stack_invoke_skill", {
      skill_id: "seller/modern-text",
      input: { text: "x" },
      wait_ms: 20_000,
    });
  }
  const refused = await other.call("stack_publish_skill", draft("m0dern-text"));
  expect(refused).toMatchObject({ ok: false, error: { code: "INVALID_REQUEST" } });
  expect(refused.ok ? "" : refused.error.message).toContain("looks like modern-text by seller");
  await other.ok("stack_publish_skill", draft("modern-text"));
  await expect(createOperator("se11er")).rejects.toThrow("looks like seller");
  await app.services.seed.seed();
  await other.ok("stack_publish_skill", draft("s1ugify"));
});
