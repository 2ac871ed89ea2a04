import fc from "fast-check";
import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { openSkill, type Shown, sealedScript } from "../../../helpers/skills.ts";

async function seller() {
  const { createOperator } = await openTestApp({ start: false });
  return createOperator("seller");
}

test("shows each skill once in every order, page by page as in the whole list", async () => {
  const { createOperator, app } = await openTestApp({ start: false });
  const seller = await createOperator("seller");
  const prices = [0, 5, 5, 100, 30, 0, 5];
  for (const [i, price_per_invocation] of prices.entries()) {
    const mode = i % 2 === 0 ? openSkill() : sealedScript("return {};");
    await seller.ok("stack_publish_skill", {
      ...mode,
      name: `skill-${i}`,
      price_per_invocation,
      description: `Number ${i}.`,
    });
  }
  const { items } = await seller.ok<{ items: Shown[] }>("stack_browse_skills");
  await app.store.transact([], async (t) => {
    for (const [i, { id }] of items.entries()) {
      await t.skills.update(id, { invocation_count: i % 3, rating_score: 3 + (i % 2) });
    }
  });
  type Item = { id: string; price_per_invocation: number; invocation_count: number };
  for (const sort of ["newest", "rating", "invocations", "price", "relevance"]) {
    const query = { sort, ...(sort === "relevance" ? { search: "number" } : {}) };
    const whole = (await seller.ok<{ items: Item[] }>("stack_browse_skills", query)).items;
    expect(new Set(whole.map(({ id }) => id)).size).toBe(prices.length);
    const paged: Item[] = [];
    let cursor: string | undefined;
    do {
      const page: { items: Item[]; next_cursor?: string } = await seller.ok("stack_browse_skills", {
        ...query,
        limit: 2,
        ...(cursor === undefined ? {} : { cursor }),
      });
      paged.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    expect(paged).toEqual(whole);
    if (sort === "price")
      expect(whole.map((item) => item.price_per_invocation)).toEqual(
        [...prices].sort((a, b) => a - b),
      );
    if (sort === "invocations")
      expect(whole.map((item) => item.invocation_count)).toEqual([2, 2, 1, 1, 0, 0, 0]);
  }
  const count = async (query: object) =>
    (await seller.ok<{ items: Item[] }>("stack_browse_skills", { ...query })).items.length;
  expect(await count({ free: true })).toBe(2);
  expect(await count({ free: false })).toBe(5);
  expect(await count({ max_price_cents: 5 })).toBe(5);
  expect(await count({ execution_mode: "sealed" })).toBe(3);
  expect(await count({ execution_mode: "sealed", max_price_cents: 5 })).toBe(2);
  const { next_cursor } = await seller.ok<{ next_cursor: string }>("stack_browse_skills", {
    limit: 1,
  });
  for (const wrong of [
    { cursor: next_cursor, sort: "price" },
    { cursor: "bm9uc2Vuc2U" },
    { cursor: "{" },
    { sort: "relevance" },
  ]) {
    expect((await seller.refused("stack_browse_skills", wrong)).code).toBe("INVALID_REQUEST");
  }
});

test("answers any search text, none of which is a query language", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const seller = await createOperator("seller");
  await seller.ok(
    "stack_publish_skill",
    openSkill({ name: "near-and-or", description: "NOT a (query)*", tags: ["c++", '"'] }),
  );
  const pieces = fc.constantFrom(
    "AND",
    "OR",
    "NOT",
    "NEAR(",
    '"',
    "*",
    "^",
    ":",
    "name",
    "{",
    "}",
    "+",
    "-",
    "(",
    ")",
    "a",
    "\0",
    "é",
  );
  const texts = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(pieces, { maxLength: 12 }).map((all) => all.join(" ")),
  );
  await fc.assert(
    fc.asyncProperty(texts, async (search) => {
      const outcome = await seller.call("stack_browse_skills", {
        search,
        tags: [search.slice(0, 32) || "x"],
      });
      expect(outcome.ok).toBe(true);
    }),
    { numRuns: 300 },
  );
  for (const search of ["NOT query", "near-and-or", "AND", "(query)*"]) {
    expect(
      (await seller.ok<{ items: unknown[] }>("stack_browse_skills", { search })).items,
    ).toHaveLength(1);
  }
  expect(
    (await seller.ok<{ items: unknown[] }>("stack_browse_skills", { tags: ["c++"] })).items,
  ).toHaveLength(1);
});

test("rejects an unknown sort, naming those there are", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const refused = await (await createOperator("buyer")).refused("stack_browse_skills", {
    sort: "best",
  });
  expect(refused.message).toContain(
    'sort must be "relevance" or "rating" or "invocations" or "price" or "newest"',
  );
});

test("says how an empty marketplace is filled", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const buyer = await createOperator("buyer");
  expect(await buyer.ok("stack_browse_skills")).toMatchObject({
    items: [],
    note: expect.stringContaining("stack-mcp seed"),
  });
});

test("finds by any word in name, description and tags, those with all words first", async () => {
  const operator = await seller();
  const names = ["pdf-summary", "pdf-totals", "image-resize", "percent-100"];
  for (const name of names) {
    const description = name === "percent-100" ? "100% sure" : `Does ${name}.`;
    await operator.ok(
      "stack_publish_skill",
      openSkill({ name, description, tags: [name.split("-")[0] ?? ""] }),
    );
  }
  const find = async (input: Record<string, unknown>) => {
    const page = await operator.ok<{ items: { name: string }[]; next_cursor?: string }>(
      "stack_browse_skills",
      input,
    );
    return page.items.map((item) => item.name);
  };
  expect(await find({})).toEqual([...names].reverse());
  expect(await find({ search: "PDF totals" })).toEqual(["pdf-totals", "pdf-summary"]);
  expect(await find({ search: "PDF totals", sort: "price" })).toEqual(["pdf-totals"]);
  expect(await find({ tags: ["pdf"] })).toEqual(["pdf-totals", "pdf-summary"]);
  expect(await find({ search: "100%" })).toEqual(["percent-100"]);
  expect(await find({ search: "%" })).toEqual([]);
  expect(await find({ search: "summaries" })).toEqual(["pdf-summary"]);
  expect(await find({ search: "tot" })).toEqual(["pdf-totals"]);
  expect(await find({ search: "_" })).toEqual([]);
  expect(await find({ search: 'AND "NEAR( OR *' })).toEqual([]);
  expect(await find({ trust_level: "L1" })).toEqual([]);
  const first = await operator.ok<{ items: { name: string }[]; next_cursor: string }>(
    "stack_browse_skills",
    {
      limit: 3,
    },
  );
  expect(await find({ limit: 3, cursor: first.next_cursor })).toEqual(["pdf-summary"]);
  expect(await find({ limit: 2, offset: 2 })).toEqual(["pdf-totals", "pdf-summary"]);
});

test("ends a page early that would be too long to read, and loses nothing in paging", async () => {
  const operator = await seller();
  for (let i = 0; i < 40; i++) {
    await operator.ok(
      "stack_publish_skill",
      openSkill({ name: `long-${i}`, description: "x".repeat(1_000) }),
    );
  }
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const input = cursor === undefined ? { limit: 40 } : { limit: 40, cursor };
    const page = await operator.ok<{ items: { name: string }[]; next_cursor?: string }>(
      "stack_browse_skills",
      input,
    );
    expect(JSON.stringify(page.items).length).toBeLessThan(25_000);
    for (const item of page.items) seen.add(item.name);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  expect(seen.size).toBe(40);
  const counted = await operator.ok<{ items: unknown[] }>("stack_browse_skills", {
    limit: 30,
    offset: 5,
  });
  expect(counted.items).toHaveLength(30);
  expect(
    (await operator.refused("stack_browse_skills", { offset: 1, cursor: "skl_x" })).message,
  ).toMatch(/exclude each other/);
});
