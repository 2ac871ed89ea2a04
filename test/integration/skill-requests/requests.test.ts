import { expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { openSkill } from "../../helpers/skills.ts";

const text = { type: "string" };
const object = (...names: string[]) => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, text])),
  required: names,
});

/** The document of S1, as it is printed. */
const CSV_REQUEST = {
  description: "Need a skill that converts CSV files to JSON with schema validation",
  desired_input_schema: { type: "object", properties: { csv_url: { type: "string" } } },
  desired_output_schema: { type: "object", properties: { json: { type: "array" } } },
  max_price_credits: 5,
  tags: ["csv", "json", "conversion"],
};

test("posts, lists, changes for its owner only, and ends a request", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [buyer, other] = [await createOperator("buyer"), await createOperator("other")];
  const posted = await buyer.ok<{ id: string }>("stack_post_skill_request", CSV_REQUEST);
  expect(posted).toMatchObject({ status: "open", max_price_cents: 5, tags: CSV_REQUEST.tags });
  const request = { request_id: posted.id };
  expect(await other.ok("stack_get_skill_request", request)).toEqual(posted);
  expect(
    (await other.refused("stack_update_skill_request", { ...request, status: "closed" })).code,
  ).toBe("NOT_FOUND");
  const changed = await buyer.ok("stack_update_skill_request", {
    ...request,
    status: "fulfilled",
    description: "Updated",
  });
  expect(changed).toMatchObject({
    status: "fulfilled",
    description: "Updated",
    tags: CSV_REQUEST.tags,
  });
  const list = async (query: object) =>
    (await other.ok<{ items: object[] }>("stack_list_skill_requests", { ...query })).items;
  expect(await list({ status: "open" })).toEqual([]);
  expect(await list({ status: "fulfilled", limit: 20, offset: 0 })).toHaveLength(1);
  expect(await list({ mine: true })).toEqual([]);
  const bad = { ...CSV_REQUEST, desired_input_schema: { $ref: "https://example.com" } };
  expect((await buyer.refused("stack_post_skill_request", bad)).code).toBe("SCHEMA_UNSUPPORTED");
});

test("shows a long schema with its request only, and not on the board", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const buyer = await createOperator("buyer");
  const names = Array.from({ length: 200 }, (_, i) => `field_${i}`);
  const draft = {
    description: "Much of it",
    desired_input_schema: object("url"),
    desired_output_schema: object(...names),
  };
  const { id } = await buyer.ok<{ id: string }>("stack_post_skill_request", draft);
  const { items } = await buyer.ok<{ items: object[] }>("stack_list_skill_requests");
  expect(items[0]).toHaveProperty("desired_input_schema");
  expect(items[0]).not.toHaveProperty("desired_output_schema");
  expect(await buyer.ok("stack_get_skill_request", { request_id: id })).toMatchObject(draft);
});

test("matches skills that accept requests, the best first, with reasons", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const publish = (name: string, more: object) =>
    seller.ok("stack_publish_skill", openSkill({ name, ...more }));
  const good = {
    description: "Converts CSV files to JSON.",
    price_per_invocation: 4,
    tags: ["csv", "json"],
  };
  const fitting = { input_schema: object(), output_schema: object("json") };
  await publish("csv-to-json", {
    ...good,
    input_schema: {},
    output_schema: { type: "object", properties: { json: { type: "array" } } },
  });
  await publish("csv-to-xml", {
    ...good,
    description: "Converts CSV files to XML.",
    tags: ["csv"],
    ...fitting,
  });
  await publish("csv-to-json-dear", { ...good, price_per_invocation: 50 });
  await publish("csv-to-json-shy", { ...good, accepts_requests: false });
  await publish("image-resize", { description: "Resizes images.", price_per_invocation: 1 });
  const posted = await buyer.ok<{ id: string }>("stack_post_skill_request", CSV_REQUEST);
  type Match = {
    skill: { name: string };
    reasons: string[];
    input_fit: string;
    output_fit: string;
  };
  const { items } = await buyer.ok<{ items: Match[] }>("stack_match_skill_request", {
    request_id: posted.id,
  });
  expect(items.map(({ skill }) => skill.name)).toEqual(["csv-to-json", "csv-to-xml"]);
  expect(items[0]).toMatchObject({ input_fit: "fits", output_fit: "fits" });
  expect(items[0]?.reasons).toEqual([
    "shares the tags csv, json",
    "shares the words converts, files, json",
    "takes the desired input",
    "makes the desired output",
    "costs 4 of at most 5 cents",
  ]);
  expect(items[1]).toMatchObject({ output_fit: "no" });
  expect(items[1]?.reasons.join()).toMatch(
    /does not fit: makes the desired output, but json is string/,
  );
});

test("chains skills by their schemas, with the price and trust of the whole", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const publish = (name: string, from: string, to: string, price: number, trust = "L0") =>
    seller.ok(
      "stack_publish_skill",
      openSkill({
        name,
        input_schema: object(from),
        output_schema: object(to),
        price_per_invocation: price,
        trust_level_required: trust,
      }),
    );
  await publish("fetch-page", "url", "html", 2);
  await publish("read-text", "html", "article", 3, "L1");
  await publish("translate", "article", "swedish", 5);
  await publish("unrelated", "image", "thumbnail", 1);
  const posted = await buyer.ok<{ id: string }>("stack_post_skill_request", {
    description: "A page in Swedish",
    desired_input_schema: object("url"),
    desired_output_schema: object("swedish"),
  });
  type Chain = { skills: { name: string }[] };
  const suggested = await buyer.ok<{ items: Chain[] }>("stack_suggest_composition", {
    request_id: posted.id,
  });
  expect(suggested.items).toHaveLength(1);
  expect(suggested.items[0]).toMatchObject({
    price_cents: 10,
    trust_level_required: "L1",
    verdict: "fits",
    reasons: [],
  });
  expect(suggested.items[0]?.skills.map(({ name }) => name)).toEqual([
    "fetch-page",
    "read-text",
    "translate",
  ]);
  const silent = await buyer.ok<{ id: string }>("stack_post_skill_request", {
    description: "A page in Swedish",
    desired_output_schema: object("swedish"),
  });
  const open = await buyer.ok<{ items: Chain[] }>("stack_suggest_composition", {
    request_id: silent.id,
  });
  expect(open.items[0]).toMatchObject({ verdict: "may_fit", skills: [{ name: "translate" }] });
  expect(JSON.stringify(open.items[0])).toContain("does not say what it can give");
  const vague = await buyer.ok<{ id: string }>("stack_post_skill_request", {
    description: "Something",
  });
  expect(await buyer.ok("stack_suggest_composition", { request_id: vague.id })).toMatchObject({
    items: [],
    note: expect.stringContaining("desired_output_schema"),
  });
});
