import { expect, test } from "vitest";
import { openTestApp } from "../helpers/app.ts";

/** An input for each skill that the server runs, and what comes out. */
const EXAMPLES: Readonly<Record<string, readonly [input: object, output: unknown]>> = {
  "count-words": [{ text: "One two. Three?" }, { words: 3, characters: 15, sentences: 2, reading_seconds: 1 }],
  slugify: [{ text: "Crème brûlée, à la carte!" }, { slug: "creme-brulee-a-la-carte" }],
  "redact-personal-data": [
    { text: "Mail ann@example.com or +46 70 123 45 67, DE89 3704 0044 0532 0130 00." },
    { text: "Mail [email] or [phone], [iban].", found: { emails: 1, phones: 1, cards: 0, ibans: 1 } },
  ],
  "triage-ticket": [
    { subject: "Refund please", body: "It is urgent." },
    { category: "billing", urgent: true },
  ],
  "extract-invoice-totals": [
    { text: "Subtotal: $420\nTax: $35\nTotal: $455 USD" },
    { subtotal: 420, tax: 35, total: 455, currency: "USD" },
  ],
  "csv-to-json": [
    { csv: 'name,qty\n"Doe, ""J""",3\r\nAnn,4.5' },
    {
      rows: [
        { name: 'Doe, "J"', qty: 3 },
        { name: "Ann", qty: 4.5 },
      ],
    },
  ],
  "column-statistics": [
    { rows: [{ qty: 1 }, { qty: 2 }, { qty: 6, name: "x" }] },
    { stats: [{ column: "qty", count: 3, min: 1, max: 6, sum: 9, mean: 3, median: 2, deviation: 2.160247 }] },
  ],
  "json-diff": [
    { before: { a: 1, b: [1, 2] }, after: { a: 2, b: [1, 2], c: true } },
    {
      equal: false,
      changes: [
        { path: "/a", kind: "changed", before: 1, after: 2 },
        { path: "/c", kind: "added", before: null, after: true },
      ],
    },
  ],
  "check-iban": [{ iban: "DE89 3704 0044 0532 0130 00" }, { valid: true, country: "DE" }],
};

test("the example marketplace does what its skills say, and one fails on purpose and costs nothing", async () => {
  const { app, enter } = await openTestApp();
  const { publishers, skills } = await app.services.seed.seed();
  expect(publishers).toHaveLength(3);
  expect(new Set(skills.map((skill) => skill.execution_mode))).toEqual(new Set(["sealed", "open", "source"]));
  const buyer = await enter("buyer", { plan: "enterprise" });
  const run = async (name: string, input: object) => {
    const skill_id = skills.find((skill) => skill.name === name)?.id;
    return buyer.ok("stack_invoke_skill", { skill_id, input, wait_ms: 20_000 });
  };
  for (const [name, [input, output]] of Object.entries(EXAMPLES)) {
    expect(await run(name, input), name).toMatchObject({ status: "completed", output });
  }
  const { balance_cents: before } = await buyer.ok("stack_get_balance");
  expect(await run("always-fails", {})).toMatchObject({ status: "failed", charged_cents: 0 });
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ balance_cents: before });
  const unread = await run("extract-invoice-totals", { text: "no invoice at all" });
  expect(unread).toMatchObject({ status: "failed", stand_in: true, error: { code: "output_invalid" } });
  const invoice = skills.find(({ name }) => name === "extract-invoice-totals");
  expect(await buyer.ok("stack_quote_skill", { skill_id: invoice?.id })).toMatchObject({ stand_in: true });
  const runs = new Set([...Object.keys(EXAMPLES), "always-fails"]);
  expect(skills.filter(({ execution_mode, name }) => execution_mode !== "open" && !runs.has(name))).toEqual([]);
});

test("seeding again adds nothing, shows no key, and leaves what a publisher changed", async () => {
  const { app } = await openTestApp({ start: false });
  const first = await app.services.seed.seed();
  const { operatorOn } = await import("../helpers/operator.ts");
  const [publisher] = first.publishers;
  const owner = operatorOn(app, publisher?.operator_id ?? "", publisher?.api_key ?? "");
  await owner.ok("stack_update_skill", { skill_id: first.skills[0]?.id, price_per_invocation: 7 });
  const again = await app.services.seed.seed();
  expect(again.skills.map(({ id }) => id)).toEqual(first.skills.map(({ id }) => id));
  expect(again.skills[0]).toMatchObject({ price_per_invocation: 7 });
  expect(JSON.stringify(again)).not.toContain("sk_live");
});

test("a chain of two of its skills answers a request for statistics of a CSV", async () => {
  const { app, enter } = await openTestApp({ start: false });
  await app.services.seed.seed();
  const buyer = await enter("buyer");
  const request = await buyer.ok<{ id: string }>("stack_post_skill_request", {
    description: "Statistics of the columns of a CSV",
    desired_input_schema: {
      type: "object",
      properties: { csv: { type: "string", maxLength: 500_000 } },
      required: ["csv"],
    },
    desired_output_schema: { type: "object", properties: { stats: { type: "array" } }, required: ["stats"] },
  });
  type Chains = { items: { skills: { name: string }[]; verdict: string; price_cents: number }[] };
  const { items } = await buyer.ok<Chains>("stack_suggest_composition", { request_id: request.id });
  expect(items[0]?.skills.map(({ name }) => name)).toEqual(["csv-to-json", "column-statistics"]);
  expect(items[0]).toMatchObject({ verdict: "fits", price_cents: 5 });
});
