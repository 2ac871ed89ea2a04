import { expect, test } from "vitest";
import { EXTRACT_INVOICE_TOTALS } from "../../../../src/faces/cli/demo/skills.ts";
import { openTestApp } from "../../../helpers/app.ts";
import { openSkill, sealedScript } from "../../../helpers/skills.ts";

async function seller() {
  const { enter } = await openTestApp({ start: false });
  return enter("seller");
}

test.each<[string, Record<string, unknown>, RegExp]>([
  ["an unknown field", { colour: "red" }, /colour is not a known field/],
  [
    "steps as text that nest without end",
    {
      execution_steps: `[{"type":"script","dependencies":${"[".repeat(20_000)}${"]".repeat(20_000)}}]`,
    },
    /nests deeper/,
  ],
  [
    "dependencies that are no texts",
    {
      execution_steps: [
        { type: "script", runtime: "python", code: "x", dependencies: [{ toString: 1 }] },
      ],
    },
    /not valid|dependencies/,
  ],
  ["a name that is no slug", { name: "Not A Slug" }, /name must be a slug/],
  ["a version that is none", { version: "1.0" }, /version must be a semantic version/],
  ["a negative price", { price_per_invocation: -1 }, /price_per_invocation/],
  ["a fraction of a cent", { price_per_invocation: 1.5 }, /price_per_invocation/],
  ["two prices that differ", { price_cents: 1, price_per_invocation: 2 }, /must not differ/],
  ["an unknown trust level", { trust_level_required: "L9" }, /trust_level_required/],
  ["eleven tags", { tags: Array.from({ length: 11 }, (_, i) => `t${i}`) }, /tags/],
  [
    "another runtime",
    { execution_steps: [{ type: "script", runtime: "ruby", code: "return 1" }] },
    /runtime must be "javascript" or "python"/,
  ],
  [
    "a Python package that is not to be had",
    {
      execution_steps: [
        { type: "script", runtime: "python", code: "return 1", dependencies: "json\nrequests>=2" },
      ],
    },
    /dependencies names what is not to be had here: requests\. Python comes with abc, .*zoneinfo/,
  ],
  [
    "a cost for calls of a free skill",
    {
      price_per_invocation: 0,
      credential_mode: "seller_provides",
      required_credentials: [{ provider: "slack", cost_cents_per_call: 1 }],
    },
    /cost_cents_per_call needs a price_per_invocation/,
  ],
  ["a mode that is none", { execution_mode: "closed" }, /must be "open", "sealed" or "source"/],
  [
    "credentials without a mode",
    { required_credentials: [{ provider: "slack" }] },
    /need a credential_mode/,
  ],
  [
    "both sides and no side",
    { credential_mode: "both", required_credentials: [{ provider: "slack" }] },
    /provided_by must be buyer or seller/,
  ],
  [
    "a host that is an address",
    { egress: { hosts: ["10.0.0.1"] } },
    /egress\.hosts\.0 must be a host name/,
  ],
  ["a host with a path", { egress: { hosts: ["example.com/x"] } }, /egress\.hosts\.0/],
  [
    "steps and flat fields",
    { llm_model: "gpt-4o" },
    /execution_steps and llm_model exclude each other/,
  ],
  [
    "flat fields with packages",
    { execution_steps: undefined, execution_script: "return {};", dependencies: "lodash" },
    /dependencies must be empty/,
  ],
  [
    "flat Python with packages that are not to be had",
    {
      execution_steps: undefined,
      execution_script: "return {}",
      execution_runtime: "python",
      dependencies: "numpy==2.1  # fast\nstatistics",
    },
    /dependencies names what is not to be had here: numpy\./,
  ],
  [
    "code in both spellings",
    {
      execution_steps: [
        { type: "script", runtime: "javascript", code: "return 1", script: "return 2" },
      ],
    },
    /code and script are the same/,
  ],
  [
    "an input that is no object",
    { input_schema: { type: "string" } },
    /input_schema must accept an object/,
  ],
  ["no steps", { execution_steps: undefined }, /needs 1 to 10 execution_steps/],
  [
    "eleven steps",
    {
      execution_steps: Array(11).fill({ type: "script", runtime: "javascript", code: "return 1" }),
    },
    /execution_steps/,
  ],
  [
    "oversized code",
    { execution_steps: [{ type: "script", runtime: "javascript", code: "x".repeat(100_001) }] },
    /execution_steps\.0\.code/,
  ],
  [
    "a model without provider",
    { execution_steps: [{ type: "llm", model: "gpt-4o" }] },
    /must be provider\/model/,
  ],
  [
    "an unknown field in a step",
    { execution_steps: [{ type: "script", runtime: "javascript", code: "1", shell: true }] },
    /execution_steps\.0\.shell is not a known field/,
  ],
])("publishing with %s is refused, naming the field and the rule", async (_, change, reason) => {
  const refused = await (await seller()).refused(
    "stack_publish_skill",
    sealedScript("return 1;", change),
  );
  expect(refused.code).toBe("INVALID_REQUEST");
  expect(refused.message).toMatch(reason);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    "a remote $ref",
    { input_schema: { $ref: "https://example.com/x" } },
    /input_schema is not accepted: .*outside/,
  ],
  [
    "a catastrophic pattern with lookahead",
    { output_schema: { pattern: "(?=(a+)+)b" } },
    /output_schema .*lookaround/,
  ],
  ["a schema that is none", { input_schema: { type: "nothing" } }, /input_schema/],
])("a schema with %s is refused", async (_, change, reason) => {
  const refused = await (await seller()).refused(
    "stack_publish_skill",
    sealedScript("return 1;", change),
  );
  expect(refused.code).toBe("SCHEMA_UNSUPPORTED");
  expect(refused.message).toMatch(reason);
});

test("all code together is bounded", async () => {
  const step = { type: "script", runtime: "javascript", code: "x".repeat(100_000) };
  const refused = await (await seller()).refused(
    "stack_publish_skill",
    sealedScript("", { execution_steps: Array(6).fill(step) }),
  );
  expect(refused.message).toMatch(/600000 characters; at most 500000/);
});

test("an open skill has no steps", async () => {
  const steps = [{ type: "script", runtime: "javascript", code: "return 1" }];
  const refused = await (await seller()).refused(
    "stack_publish_skill",
    openSkill({ execution_steps: steps }),
  );
  expect(refused.message).toMatch(/Set execution_mode to "sealed"/);
});

test("the guide's skill is taken as it is printed, and what it does inside is shown to its publisher alone", async () => {
  const { enter } = await openTestApp({ start: false });
  const [operator, stranger] = [await enter("seller"), await enter("stranger")];
  const skill = await operator.ok<{ id: string }>("stack_publish_skill", EXTRACT_INVOICE_TOTALS);
  const shown = await operator.ok("stack_get_skill", { skill_id: skill.id });
  expect(shown).toMatchObject({
    name: "extract-invoice-totals",
    price_per_invocation: 25,
    average_rating: null,
  });
  expect(shown.execution_steps).toMatchObject([
    { type: "llm", user_message: "$INPUT.text" },
    { type: "script" },
  ]);
  const others = await stranger.ok("stack_get_skill", { skill_id: skill.id });
  expect(JSON.stringify(others)).not.toMatch(/compact JSON|JSON\.parse|execution_steps/);
});

test("publishing the same again gives the same skill; other content under the name is a conflict", async () => {
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

test("browse finds by any word, those with all first, in name, description and tags, and takes wildcards as text", async () => {
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

test("a page that would be too long to read ends early, and paging on loses nothing", async () => {
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

test.each<[string, Record<string, unknown>, RegExp | undefined]>([
  [
    "a model's text alone cannot fit an object",
    { output_schema: { type: "object" } },
    /last step.*json: true/,
  ],
  ["a model's text fits a text", { output_schema: { type: "string" } }, undefined],
  ["a model's JSON fits an object", { json: true }, undefined],
  [
    "a schema without a word of JSON Schema takes anything",
    { output_schema: { total: "number" } },
    /output_schema: none/,
  ],
])(
  "%s, and its publisher is warned where that is not meant",
  async (_, { json, ...more }, warning) => {
    const { enter } = await openTestApp();
    const author = await enter("author");
    const step = {
      type: "llm",
      model: "openai/gpt-4o-mini",
      user_message: "$INPUT.text",
      ...(json ? { json } : {}),
    };
    const draft = sealedScript("", {
      output_schema: { type: "object" },
      ...more,
      execution_steps: [step],
    });
    type Warned = { id: string; warnings?: string[] };
    const published = await author.ok<Warned>("stack_publish_skill", draft);
    const tested = await author.ok<Warned>("stack_test_skill", {
      ...draft,
      input: { text: "Total: 5" },
    });
    const updated = await author.ok<Warned>("stack_update_skill", {
      skill_id: published.id,
      tags: ["x"],
    });
    for (const { warnings } of [published, tested, updated]) {
      if (warning) expect(warnings?.join(" ")).toMatch(warning);
      else expect(warnings).toBeUndefined();
    }
  },
);

test("a prompt that refers to what the input does not have is refused before a hold, in the quote too, and fails a draft", async () => {
  const { enter } = await openTestApp();
  const [author, buyer] = [await enter("author"), await enter("buyer")];
  const step = (user_message: string) => ({
    type: "llm",
    model: "openai/gpt-4o-mini",
    user_message,
    json: true,
  });
  const input_schema = { type: "object", properties: { items: { type: "array" } } };
  const draft = sealedScript("", {
    input_schema,
    execution_steps: [step("$INPUT.items[0].x: y"), step("$INPUT.hidden")],
  });
  const { id: skill_id } = await author.ok<{ id: string }>("stack_publish_skill", draft);
  const ask = async (input: object) => {
    const refused = await buyer.refused("stack_invoke_skill", { skill_id, input });
    const { obstacles } = await buyer.ok<{ obstacles: { code: string }[] }>("stack_quote_skill", {
      skill_id,
      input,
    });
    expect(obstacles[0]).toMatchObject({ code: refused.code, message: refused.message });
    return refused;
  };
  expect(await ask({ items: [] })).toMatchObject({
    code: "INPUT_INVALID",
    details: { field: "input.items" },
  });
  const hidden = await ask({ items: [{ x: "a" }] });
  // What a prompt says is its publisher's.
  expect(JSON.stringify(hidden)).not.toContain("hidden");
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
  const run = await buyer.ok("stack_invoke_skill", {
    skill_id,
    input: { items: [{ x: "a" }], hidden: "Total: 5" },
    wait_ms: 20_000,
  });
  expect(run).toMatchObject({ status: "completed", output: { total: 5 } });
  const tried = { ...draft, input: { items: [] } };
  expect(await author.ok("stack_test_skill", tried)).toMatchObject({
    ok: false,
    error: { code: "llm_error", step: 1, reason: expect.stringContaining("$INPUT.items[0].x") },
  });
});
