import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { App } from "../../../../src/app/create-app.ts";
import { registerAgent } from "../../../helpers/agents.ts";
import { openTestApp } from "../../../helpers/app.ts";
import { makeHome } from "../../../helpers/home.ts";
import { type Operator, operatorAs, operatorOn } from "../../../helpers/operator.ts";
import { openSkill, sealedScript } from "../../../helpers/skills.ts";

interface Shown {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly status: string;
}

/**
 * The document of S1, as it is printed; its code, which ends in an ellipsis there, is made whole.
 */
const PDF_SUMMARIZER = {
  name: "pdf-summarizer",
  description: "Summarizes PDF documents using LLM",
  version: "1.0.0",
  input_schema: { type: "object", properties: { url: { type: "string" } }, required: ["url"] },
  output_schema: { type: "object", properties: { summary: { type: "string" } } },
  trust_level_required: "L1",
  tags: ["pdf", "summarization"],
  price_credits: 0,
  price_per_invocation: 10,
  agent_id: "agt_abc123",
  execution_mode: "sealed",
  credential_mode: "buyer_provides",
  required_credentials: [{ provider: "openai", scopes: ["chat"] }],
  execution_steps: [
    {
      type: "script",
      label: "fetch-pdf",
      runtime: "javascript",
      script: "const resp = await fetch(input.url); return resp.body;",
    },
    {
      type: "llm",
      label: "summarize",
      llm_provider: "openai",
      llm_model: "gpt-4o",
      llm_config: {
        temperature: 0.3,
        max_tokens: 2000,
        system_prompt: "Summarize the following document.",
      },
    },
  ],
};

test("the older document's skill is taken as it is printed, and given back in one spelling", async () => {
  const { enter } = await openTestApp({ start: false });
  const seller = await enter("seller");
  const { id: agent_id } = await registerAgent(seller, "publisher-bot");
  expect((await seller.refused("stack_publish_skill", PDF_SUMMARIZER)).code).toBe("NOT_FOUND");
  const skill = await seller.ok("stack_publish_skill", { ...PDF_SUMMARIZER, agent_id });
  expect(skill).toMatchObject({
    price_per_invocation: 10,
    credential_mode: "buyer_provides",
    required_credentials: [{ provider: "openai", scopes: ["chat"] }],
    execution_steps: [
      {
        type: "script",
        label: "fetch-pdf",
        runtime: "javascript",
        code: PDF_SUMMARIZER.execution_steps[0]?.script,
      },
      {
        type: "llm",
        label: "summarize",
        model: "openai/gpt-4o",
        temperature: 0.3,
        max_tokens: 2_000,
        system_prompt: "Summarize the following document.",
        user_message: "$PREV",
      },
    ],
  });
});

test.each<[string, Record<string, unknown>, Record<string, unknown>[]]>([
  [
    "a script",
    { execution_script: "return {};", execution_runtime: "javascript", llm_enabled: false },
    [{ type: "script", runtime: "javascript", code: "return {};" }],
  ],
  [
    "a model call",
    {
      llm_enabled: true,
      llm_provider: "openai",
      llm_model: "gpt-4o",
      llm_config: { max_tokens: 5 },
      execution_runtime: "none",
    },
    [{ type: "llm", model: "openai/gpt-4o", max_tokens: 5, user_message: "$INPUT" }],
  ],
  [
    "both",
    {
      execution_script: "return {};",
      llm_enabled: true,
      llm_provider: "openai",
      llm_model: "gpt-4o",
    },
    [{ type: "script" }, { type: "llm", user_message: "$PREV" }],
  ],
])("flat legacy fields that describe %s become steps", async (_, flat, steps) => {
  const { enter } = await openTestApp({ start: false });
  const seller = await enter("seller");
  const draft = sealedScript("", {
    execution_steps: undefined,
    price_per_invocation: undefined,
    price_credits: 7,
    ...flat,
  });
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", draft);
  expect(skill).toMatchObject({ price_per_invocation: 7, execution_steps: steps });
  expect((skill.execution_steps as unknown as unknown[]).length).toBe(steps.length);
});

test("seller's limits, egress and both sides' credentials are kept, in cents", async () => {
  const { enter } = await openTestApp({ start: false });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const skill = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("return {};", {
      credential_mode: "both",
      required_credentials: [
        { provider: "slack", scopes: ["chat:write"], provided_by: "buyer" },
        { provider: "maps", provided_by: "seller", cost_cents_per_call: 3 },
      ],
      seller_credential_limit: { max_calls: 4, max_cost_credits: 20 },
      egress: { hosts: ["api.example.com", "*.example.org"] },
      accepts_requests: false,
    }),
  );
  expect(await buyer.ok("stack_get_skill", { skill_id: skill.id })).toMatchObject({
    required_credentials: [
      { provider: "slack" },
      { provider: "maps", scopes: [], cost_cents_per_call: 3 },
    ],
    seller_credential_limit: { max_calls: 4, max_cost_cents: 20 },
    egress: { hosts: ["api.example.com", "*.example.org"] },
    accepts_requests: false,
  });
});

test("a source skill's steps are readable by all, and it runs as a sealed one does", async () => {
  const { enter } = await openTestApp();
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const draft = sealedScript("return { n: $INPUT.n + 1 };", { execution_mode: "source" });
  const skill = await seller.ok<Shown>("stack_publish_skill", draft);
  const seen = await buyer.ok("stack_get_skill", { skill_id: skill.id });
  expect(seen.execution_steps).toEqual([
    { type: "script", runtime: "javascript", code: "return { n: $INPUT.n + 1 };" },
  ]);
  const run = await buyer.ok("stack_invoke_skill", {
    skill_id: skill.id,
    input: { n: 1 },
    wait_ms: 20_000,
  });
  expect(run).toMatchObject({ status: "completed", output: { n: 2 }, cost_cents: 25 });
});

test("steps that are too long to read are shown one by one", async () => {
  const { enter } = await openTestApp({ start: false });
  const seller = await enter("seller");
  const code = `return {}; // ${"x".repeat(50_000)}`;
  const skill = await seller.ok<Shown>("stack_publish_skill", sealedScript(code));
  expect(skill.execution_steps).toEqual([
    { type: "script", runtime: "javascript", code_chars: code.length },
  ]);
  const whole = await seller.ok("stack_get_skill", { skill_id: skill.id, step: 1 });
  expect(whole.execution_steps).toEqual([{ type: "script", runtime: "javascript", code }]);
});

test("an update makes a version exactly when the content changes, and old versions stay what they were", async () => {
  const { enter } = await openTestApp({ start: false });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
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

test("suspended: invocable by nobody; unlisted: by id alone; both come back", async () => {
  const { enter } = await openTestApp({ start: false });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const { id: skill_id } = await seller.ok<Shown>("stack_publish_skill", openSkill());
  const found = async () =>
    (await buyer.ok<{ items: Shown[] }>("stack_browse_skills")).items.length;
  const order = { skill_id, input: {}, wait_ms: 0 };
  await seller.ok("stack_unlist_skill", { skill_id });
  expect(await found()).toBe(0);
  await buyer.ok("stack_invoke_skill", order);
  await seller.ok("stack_suspend_skill", { skill_id });
  expect((await buyer.refused("stack_invoke_skill", order)).code).toBe("SKILL_NOT_FOUND");
  expect((await seller.refused("stack_invoke_skill", order)).code).toBe("SKILL_NOT_ACTIVE");
  expect(await seller.ok("stack_activate_skill", { skill_id })).toMatchObject({ status: "active" });
  expect(await found()).toBe(1);
  const mine = await seller.ok<{ items: Shown[] }>("stack_list_my_skills", { status: "active" });
  expect(mine.items.map(({ id }) => id)).toEqual([skill_id]);
  expect((await buyer.ok<{ items: Shown[] }>("stack_list_my_skills")).items).toEqual([]);
});

test("under manual review nothing reaches others that no admin approved, whichever way it is turned", async () => {
  const { app, enter } = await openTestApp({ start: false });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
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

test("a host that reviews everything reviews what says auto, and what was there before", async () => {
  const home = makeHome();
  const before = await openTestApp({ home, start: false });
  const seller = await before.enter("seller");
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

test("no pin reaches past a review: what was rejected or never looked at runs for its publisher alone", async () => {
  const { app, enter } = await openTestApp();
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const admin = adminOf(app);
  const steps = (code: string) => ({
    execution_steps: [{ type: "script", runtime: "javascript", code }],
  });
  const draft = { ...sealedScript("", { review: "manual" }), ...steps("return { v: 'evil' };") };
  const { id: skill_id, digest } = await seller.ok<Shown>("stack_publish_skill", draft);
  await admin.ok("stack_reject_skill", { skill_id });
  await seller.ok("stack_update_skill", { skill_id, ...steps("return { v: 'good' };") });
  await seller.ok("stack_activate_skill", { skill_id });
  await admin.ok("stack_approve_skill", { skill_id });
  for (const pin of [{ version: "1.0.0" }, { digest }]) {
    expect((await buyer.refused("stack_quote_skill", { skill_id, ...pin })).code).toBe("NOT_FOUND");
    expect((await buyer.refused("stack_invoke_skill", { skill_id, input: {}, ...pin })).code).toBe(
      "NOT_FOUND",
    );
  }
  const run = await buyer.ok("stack_invoke_skill", {
    skill_id,
    input: {},
    version: "1.0.1",
    wait_ms: 20_000,
  });
  expect(run).toMatchObject({ status: "completed", output: { v: "good" } });
});

test("an approval is of what was read, lasts as a rejection does, and lists nothing that is unlisted", async () => {
  const { app, enter } = await openTestApp({ start: false });
  const seller = await enter("seller");
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

test("a publisher withdraws old versions from pins, and a pin asks for no less trust than the skill does now", async () => {
  const { enter } = await openTestApp({ start: false });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const { id: skill_id } = await seller.ok<Shown>(
    "stack_publish_skill",
    openSkill({ price_per_invocation: 1 }),
  );
  await seller.ok("stack_update_skill", {
    skill_id,
    price_per_invocation: 500,
    trust_level_required: "L1",
  });
  const order = { skill_id, input: {}, version: "1.0.0", wait_ms: 0 };
  expect((await buyer.refused("stack_invoke_skill", order)).code).toBe("TRUST_LEVEL_INSUFFICIENT");
  const human = await enter("human", { claimTypes: ["verified_human"] });
  expect(await human.ok("stack_invoke_skill", order)).toMatchObject({ price_cents: 1 });
  await seller.ok("stack_update_skill", { skill_id, min_version: "1.0.1" });
  expect((await human.refused("stack_invoke_skill", order)).code).toBe("NOT_FOUND");
  expect(await seller.ok("stack_quote_skill", { skill_id, version: "1.0.0" })).toMatchObject({
    price_cents: 1,
  });
});

test("publishing the same with another review or other wishes is no repetition", async () => {
  const { enter } = await openTestApp({ start: false });
  const seller = await enter("seller");
  await seller.ok("stack_publish_skill", openSkill());
  for (const other of [{ review: "manual" }, { accepts_requests: false }]) {
    expect((await seller.refused("stack_publish_skill", openSkill(other))).code).toBe(
      "VERSION_CONFLICT",
    );
  }
});

test("a version that cannot be counted on is refused, and a higher one helps", async () => {
  const { enter } = await openTestApp({ start: false });
  const seller = await enter("seller");
  const draft = openSkill({ version: "1.0.9007199254740991" });
  const { id: skill_id } = await seller.ok<Shown>("stack_publish_skill", draft);
  expect((await seller.refused("stack_update_skill", { skill_id, price_cents: 1 })).code).toBe(
    "VERSION_CONFLICT",
  );
  const change = { skill_id, price_cents: 1, version: "2.0.0" };
  expect(await seller.ok("stack_update_skill", change)).toMatchObject({ version: "2.0.0" });
});

test("praise for next to nothing does not count for a dear skill", async () => {
  const { enter } = await openTestApp();
  const [seller, puppet, buyer] = [
    await enter("seller"),
    await enter("puppet"),
    await enter("buyer"),
  ];
  const { id: skill_id } = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("return {};", { price_per_invocation: 1 }),
  );
  const use = async (who: Operator, rating: number) => {
    await who.ok("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000 });
    return who.ok("stack_rate_skill", { skill_id, rating });
  };
  expect(await use(puppet, 5)).toMatchObject({ average_rating: null, rating_count: 0 });
  await seller.ok("stack_update_skill", { skill_id, price_per_invocation: 20 });
  expect(await use(buyer, 3)).toMatchObject({ average_rating: 3, rating_count: 1 });
  await seller.ok("stack_update_skill", { skill_id, price_per_invocation: 201 });
  expect(await buyer.ok("stack_get_skill", { skill_id })).toMatchObject({ rating_count: 0 });
});

function adminOf(app: App): Operator {
  return operatorAs(app, { kind: "local" });
}

test("only those who used a skill rate it, once a version, and never its publisher", async () => {
  const { enter } = await openTestApp();
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const { id: skill_id } = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("return {};"),
  );
  const run = async (who: Operator) =>
    who.ok<Shown>("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000 });
  expect((await buyer.refused("stack_rate_skill", { skill_id, rating: 5 })).code).toBe("FORBIDDEN");
  const own = await run(seller);
  expect((await seller.refused("stack_rate_skill", { skill_id, rating: 5 })).code).toBe(
    "FORBIDDEN",
  );
  const foreign = { skill_id, rating: 5, invocation_id: own.id };
  expect((await buyer.refused("stack_rate_skill", foreign)).code).toBe("INVOCATION_NOT_FOUND");
  await run(buyer);
  expect((await buyer.refused("stack_rate_skill", { skill_id, rating: 6 })).code).toBe(
    "INVALID_REQUEST",
  );
  await buyer.ok("stack_rate_skill", { skill_id, rating: 2 });
  expect(await buyer.ok("stack_rate_skill", { skill_id, rating: 4 })).toMatchObject({
    average_rating: 4,
    rating_count: 1,
  });
  expect(await seller.ok("stack_get_skill_ratings", { skill_id })).toMatchObject({
    average_rating: 4,
    invocation_count: 1,
    distribution: { "2": 0, "4": 1 },
    versions: [{ version: "1.0.0", average_rating: 4, rating_count: 1 }],
  });
});

test("praise that cost nothing does not count once a skill has a price", async () => {
  const { enter } = await openTestApp();
  const [seller, friend, buyer] = [
    await enter("seller"),
    await enter("friend"),
    await enter("buyer"),
  ];
  const { id: skill_id } = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("return {};", { price_per_invocation: 0 }),
  );
  const use = async (who: Operator, rating: number) => {
    await who.ok("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000 });
    return who.ok("stack_rate_skill", { skill_id, rating });
  };
  expect(await use(friend, 5)).toMatchObject({ average_rating: 5, rating_count: 1 });
  await seller.ok("stack_update_skill", { skill_id, price_per_invocation: 50 });
  expect(await buyer.ok("stack_get_skill", { skill_id })).toMatchObject({
    average_rating: null,
    rating_count: 0,
  });
  expect(await use(buyer, 2)).toMatchObject({ average_rating: 2, rating_count: 1 });
});

test("favorites are one's own, and hide what is hidden", async () => {
  const { enter } = await openTestApp({ start: false });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const skills = [];
  for (const name of ["one", "two"])
    skills.push(
      await seller.ok<Shown>("stack_publish_skill", openSkill({ name: `skill-${name}` })),
    );
  for (const { id } of skills) await buyer.ok("stack_favorite_skill", { skill_id: id });
  await buyer.ok("stack_favorite_skill", { skill_id: skills[0]?.id });
  const names = async (who: Operator) =>
    (await who.ok<{ items: Shown[] }>("stack_list_favorite_skills")).items.map(({ name }) => name);
  expect(await names(buyer)).toEqual(["skill-two", "skill-one"]);
  expect(await names(seller)).toEqual([]);
  expect(await buyer.ok("stack_get_skill", { skill_id: skills[0]?.id })).toMatchObject({
    is_favorite: true,
  });
  await seller.ok("stack_suspend_skill", { skill_id: skills[1]?.id });
  expect(await names(buyer)).toEqual(["skill-one"]);
  await buyer.ok("stack_unfavorite_skill", { skill_id: skills[0]?.id });
  expect(await names(buyer)).toEqual([]);
});

test("every order of browsing shows each skill once, page by page, as the whole list does", async () => {
  const { enter, app } = await openTestApp({ start: false });
  const seller = await enter("seller");
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

test("no text is a query language: browse answers whatever is searched for", async () => {
  const { enter } = await openTestApp({ start: false });
  const seller = await enter("seller");
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

test("a word that is none of those there are is refused with those there are", async () => {
  const { enter } = await openTestApp({ start: false });
  const refused = await (await enter("buyer")).refused("stack_browse_skills", { sort: "best" });
  expect(refused.message).toContain(
    'sort must be "relevance" or "rating" or "invocations" or "price" or "newest"',
  );
});

test("an empty marketplace says how it is filled", async () => {
  const { enter } = await openTestApp({ start: false });
  const buyer = await enter("buyer");
  expect(await buyer.ok("stack_browse_skills")).toMatchObject({
    items: [],
    note: expect.stringContaining("stack-mcp seed"),
  });
});

test("a plan has room for so many skills, and suspending one makes room", async () => {
  const { enter } = await openTestApp({ start: false });
  const seller = await enter("seller");
  for (let i = 0; i < 100; i++)
    await seller.ok("stack_publish_skill", openSkill({ name: `skill-${i}` }));
  const refused = await seller.refused("stack_publish_skill", openSkill({ name: "one-more" }));
  expect(refused).toMatchObject({
    code: "TIER_LIMIT_EXCEEDED",
    message: expect.stringContaining("stack_suspend_skill"),
  });
  const { items } = await seller.ok<{ items: Shown[] }>("stack_list_my_skills", { limit: 1 });
  await seller.ok("stack_suspend_skill", { skill_id: items[0]?.id });
  await seller.ok("stack_publish_skill", openSkill({ name: "one-more" }));
  const back = await seller.refused("stack_activate_skill", { skill_id: items[0]?.id });
  expect(back.code).toBe("TIER_LIMIT_EXCEEDED");
});
