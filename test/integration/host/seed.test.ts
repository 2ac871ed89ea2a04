import { expect, test } from "vitest";
import { DATA_BENCH } from "../../../src/services/host/seed/data-bench.ts";
import { NIGHT_DESK } from "../../../src/services/host/seed/night-desk.ts";
import { TEXT_WORKS } from "../../../src/services/host/seed/text-works.ts";
import { openTestApp } from "../../helpers/app.ts";
import { operatorOn } from "../../helpers/operator.ts";

const ALL = [...TEXT_WORKS, ...DATA_BENCH, ...NIGHT_DESK];

/** A market of examples, and a buyer in it. */
async function market() {
  const { app, createOperator } = await openTestApp();
  const { skills } = await app.services.seed.seed();
  const buyer = await createOperator("buyer", { plan: "enterprise" });
  const idOf = (name: string) => skills.find((skill) => skill.name === name)?.id;
  const run = async (name: string, input: object) =>
    buyer.ok("stack_invoke_skill", { skill_id: idOf(name), input, wait_ms: 20_000, repeat: true });
  return { app, buyer, run, skills, idOf, createOperator };
}

test("runs each example as listed, and charges nothing for the one that fails", async () => {
  const { app, buyer, run } = await market();
  for (const { name, example_input, example_output, execution_mode } of ALL) {
    if (name === "always-fails" || name === "review-contract") continue;
    const ran = await run(name, example_input ?? {});
    expect(ran, name).toMatchObject({ status: "completed", output: example_output });
    if (execution_mode === "open") expect(ran).toMatchObject({ charged_cents: 120 });
  }
  const { balance_cents: before } = await buyer.ok("stack_get_balance");
  expect(await run("always-fails", {})).toMatchObject({ status: "failed", charged_cents: 0 });
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ balance_cents: before });
  expect(await app.store.findLedgerProblems()).toEqual([]);
});

test("publishes each example as it is, without a warning", async () => {
  const { createOperator } = await openTestApp({ start: false });
  const publisher = await createOperator("publisher", { plan: "enterprise" });
  for (const draft of ALL) {
    const trust = { version: "1.0.0", trust_level_required: "L0" };
    expect(
      await publisher.ok("stack_publish_skill", { ...trust, ...draft }),
      draft.name,
    ).not.toHaveProperty("warnings");
  }
});

test.each([
  [
    "an Excel file of Germany",
    '\uFEFFNr;Kunde;Betrag\r\n0007;Müller;1.234,50\r\n0042;"Söhne; Co";3,00\r\n',
    [
      { Nr: "0007", Kunde: "Müller", Betrag: 1234.5 },
      { Nr: "0042", Kunde: "Söhne; Co", Betrag: 3 },
    ],
  ],
  ["a file that says its separator", "sep=|\r\na|b\r\n1|2\r\n", [{ a: 1, b: 2 }]],
  [
    "ids that would lose digits",
    "id,zip\n12345678901234567890,01067\n2,99999",
    [
      { id: "12345678901234567890", zip: "01067" },
      { id: "2", zip: "99999" },
    ],
  ],
  [
    "line ends and quotes inside a field",
    'name,note\n"Doe, ""J""","two\nlines"\nAnn,',
    [
      { name: 'Doe, "J"', note: "two\nlines" },
      { name: "Ann", note: "" },
    ],
  ],
  [
    "a name that stands twice, and one that is missing",
    "a,a,\n1,2,3\n",
    [{ a: 1, a_2: 2, column_3: 3 }],
  ],
  ["tabs, and blank lines", "a\tb\n\n1.5\tx\n\n", [{ a: 1.5, b: "x" }]],
  [
    "dates and versions beside numbers",
    "day,v,n\n2026-01-02,1.2.3,-0.5\n",
    [{ day: "2026-01-02", v: "1.2.3", n: -0.5 }],
  ],
  ["a header alone", "a,b\n", []],
])("reads with csv-to-json %s", async (_, csv, rows) => {
  const { run } = await market();
  expect(await run("csv-to-json", { csv })).toMatchObject({
    status: "completed",
    output: { rows },
  });
});

test("redacts, slugs and counts words as people of several countries write them", async () => {
  const { run } = await market();
  const cases: readonly (readonly [name: string, text: string, output: object])[] = [
    ["slugify", "Größe & Maß für Łódź", { slug: "grosse-mass-fur-lodz" }],
    ["slugify", "It’s 100% Ælfred’s", { slug: "its-100-aelfreds" }],
    ["slugify", "東京タワー 2026", { slug: "東京タワー-2026" }],
    [
      "redact-personal-data",
      "Am 12.05.2026 oder 2026-05-12, Bestellung 4711000012345678",
      { text: "Am 12.05.2026 oder 2026-05-12, Bestellung 4711000012345678" },
    ],
    [
      "redact-personal-data",
      "Karte 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00",
      { text: "Karte [card], IBAN [iban]" },
    ],
    [
      "redact-personal-data",
      "Tel. 030 1234567 oder (030) 123-4567, 03-1234-5678, 06.12.34.56.78, (402) 555-0139",
      { text: "Tel. [phone] oder [phone], [phone], [phone], [phone]" },
    ],
    [
      "redact-personal-data",
      "Mail an bjørn@bücher.example, Preis 1.299,00 EUR",
      { text: "Mail an [email], Preis 1.299,00 EUR" },
    ],
    ["count-words", "吾輩は猫である。名前はまだ無い。", { sentences: 2, characters: 16 }],
  ];
  for (const [name, text, output] of cases)
    expect(await run(name, { text }), text).toMatchObject({ output });
});

test("fills a new folder once, and only while nobody else is in it", async () => {
  const { app, createOperator } = await openTestApp({ start: false });
  const first = await app.services.seed.seedNew();
  expect(first?.skills).toHaveLength(ALL.length);
  expect(await app.services.seed.seedNew()).toBeUndefined();
  const other = await openTestApp({ start: false });
  await other.createOperator("somebody");
  expect(await other.app.services.seed.seedNew()).toBeUndefined();
  const buyer = await createOperator("buyer");
  const { items } = await buyer.ok<{ items: object[] }>("stack_browse_skills", {
    search: "invoice",
  });
  expect(items[0]).toMatchObject({
    name: "extract-invoice-totals",
    example_input: { text: expect.any(String) },
  });
});

test("adds nothing on seeding again, and leaves what a publisher changed", async () => {
  const { app } = await openTestApp({ start: false });
  const first = await app.services.seed.seed();
  const [publisher] = first.publishers;
  const { api_key } = await app.services.keys.create({
    operator: publisher?.name ?? "",
    name: "mine",
  });
  const owner = operatorOn(app, publisher?.operator_id ?? "", api_key);
  await owner.ok("stack_update_skill", { skill_id: first.skills[0]?.id, price_per_invocation: 7 });
  const again = await app.services.seed.seed();
  expect(again.skills.map(({ id }) => id)).toEqual(first.skills.map(({ id }) => id));
  expect(again.skills[0]).toMatchObject({ price_per_invocation: 7 });
});

test("removes examples from all lists, keeps what was bought, and seeds them again", async () => {
  const { app, buyer, run } = await market();
  const bought = await run("slugify", { text: "Hello" });
  expect(await app.services.seed.remove()).toHaveLength(ALL.length);
  expect(await app.services.seed.remove()).toEqual([]);
  expect(await buyer.ok("stack_browse_skills", {})).toMatchObject({ items: [] });
  expect(await buyer.ok("stack_check_invocation", { invocation_id: bought.id })).toMatchObject({
    output: { slug: "hello" },
  });
  await app.services.seed.seed();
  expect((await buyer.ok<{ items: object[] }>("stack_browse_skills", {})).items).toHaveLength(
    ALL.length,
  );
});

test("seeds nothing where an operator has an example publisher's name", async () => {
  const { app, createOperator } = await openTestApp({ start: false });
  await createOperator("data-bench");
  await expect(app.services.seed.seed()).rejects.toThrow(
    "An operator of yours is named data-bench",
  );
  expect((await app.services.operators.list()).map(({ name }) => name)).toEqual([
    "local",
    "data-bench",
  ]);
});

test("returns unknown texts from the desk with a note, unless somebody has its key", async () => {
  const { app, buyer, run, idOf } = await market();
  const unknown = await run("translate-by-hand", {
    text: "The lease ends in May.",
    target_language: "French",
  });
  expect(unknown).toMatchObject({
    status: "completed",
    output: {
      translated_text: "The lease ends in May.",
      note: expect.stringContaining("nobody translated"),
    },
  });
  await app.services.keys.create({ operator: "night-desk", name: "mine" });
  const waiting = {
    skill_id: idOf("translate-by-hand"),
    input: { text: "Hello", target_language: "de" },
    wait_ms: 300,
  };
  expect(await buyer.ok("stack_invoke_skill", waiting)).toMatchObject({ status: "pending" });
});

test("answers a request for statistics of a CSV with a chain of two examples", async () => {
  const { app, createOperator } = await openTestApp({ start: false });
  await app.services.seed.seed();
  const buyer = await createOperator("buyer");
  const request = await buyer.ok<{ id: string }>("stack_post_skill_request", {
    description: "Statistics of the columns of a CSV",
    desired_input_schema: {
      type: "object",
      properties: { csv: { type: "string", maxLength: 500_000 } },
      required: ["csv"],
    },
    desired_output_schema: {
      type: "object",
      properties: { stats: { type: "array" } },
      required: ["stats"],
    },
  });
  type Chains = { items: { skills: { name: string }[]; verdict: string; price_cents: number }[] };
  const { items } = await buyer.ok<Chains>("stack_suggest_composition", { request_id: request.id });
  expect(items[0]?.skills.map(({ name }) => name)).toEqual(["csv-to-json", "column-statistics"]);
  expect(items[0]).toMatchObject({ verdict: "fits", price_cents: 5 });
});
