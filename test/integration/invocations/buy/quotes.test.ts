import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import prices from "../../../../storage/seed/prices.json" with { type: "json" };
import { issue, registerAgent } from "../../../helpers/agents.ts";
import { openTestApp } from "../../../helpers/app.ts";
import { clockAt } from "../../../helpers/clock.ts";
import { openSkill, sealedScript } from "../../../helpers/skills.ts";

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly digest: string;
}

const FOREVER = sealedScript("await new Promise(() => {});");

test("a quote says what an invocation will hold and what stands against it, and charges nothing", async () => {
  const { enter } = await openTestApp();
  const [seller, buyer] = [await enter("seller"), await enter("buyer", { fundCents: 30 })];
  const draft = sealedScript("return $INPUT;", {
    input_schema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
    egress: { hosts: ["api.example.com"] },
  });
  const skill = await seller.ok<Shown>("stack_publish_skill", draft);
  const quote = await buyer.ok("stack_quote_skill", { skill_id: skill.id, input: { n: 1 } });
  expect(quote).toMatchObject({
    would_be_accepted: true,
    obstacles: [],
    price_cents: 25,
    reserve_cents: 1,
    hold_cents: 26,
    balance_cents: 30,
    trust: { allowed: true },
    input_checked: true,
    egress_hosts: ["api.example.com"],
    isolation: "process",
    model_providers: [],
  });
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ balance_cents: 30, held_cents: 0 });
  const run = await buyer.ok("stack_invoke_skill", {
    skill_id: skill.id,
    input: { n: 1 },
    wait_ms: 0,
  });
  expect(run).toMatchObject({ price_cents: 25, reserve_cents: 1, held_cents: 26 });
});

test("a quote names every obstacle that invoking would meet, and invoking meets the first", async () => {
  const { enter } = await openTestApp({ env: { STACK_LLM_FALLBACK: "" } });
  const [seller, buyer] = [await enter("seller"), await enter("buyer", { fundCents: 1 })];
  const skill = await seller.ok<Shown>("stack_publish_skill", {
    ...sealedScript("", { trust_level_required: "L2", credential_mode: "buyer_provides" }),
    required_credentials: [{ provider: "slack" }],
    input_schema: { type: "object", required: ["n"] },
    execution_steps: [{ type: "llm", model: "nobody/model" }],
  });
  const order = { skill_id: skill.id, input: { m: 1 } };
  const quote = await buyer.ok<{ obstacles: { code: string }[] }>("stack_quote_skill", {
    skill_id: skill.id,
    input: order.input,
  });
  expect(quote).toMatchObject({ would_be_accepted: false, model_providers: ["nobody"] });
  expect(JSON.stringify(quote)).not.toContain("nobody/model");
  expect(quote.obstacles.map(({ code }) => code)).toEqual([
    "TRUST_LEVEL_INSUFFICIENT",
    "INPUT_INVALID",
    "SERVICE_NOT_CONNECTED",
    "PROVIDER_NOT_CONFIGURED",
    "INSUFFICIENT_CREDITS",
  ]);
  expect((await buyer.refused("stack_invoke_skill", order)).code).toBe("TRUST_LEVEL_INSUFFICIENT");
  const trusted = await enter("trusted", { claimTypes: ["verified_identity"] });
  expect((await trusted.refused("stack_invoke_skill", { ...order, input: { n: 1 } })).code).toBe(
    "SERVICE_NOT_CONNECTED",
  );
});

test.each([
  ["timeout", "for (;;);", { name: "wall_ms", value: 400 }, /Its limit was 400 ms/],
  [
    "memory",
    "const all = []; for (;;) all.push(new Array(1e6).fill(1));",
    { name: "memory_mb", value: 128 },
    /128 MB/,
  ],
  [
    "output_too_large",
    "return { t: 'x'.repeat(2e6) };",
    { name: "output_bytes", value: 1_048_576 },
    /1048576 bytes/,
  ],
])("the verdict %s names its limit and what was used", async (code, script, limit, message) => {
  const stepMs = code === "timeout" ? "400" : "20000";
  const { enter } = await openTestApp({ env: { STACK_STEP_TIMEOUT_MS: stepMs } });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const skill = await seller.ok<Shown>("stack_publish_skill", sealedScript(script));
  const order = { skill_id: skill.id, input: {}, wait_ms: 20_000 };
  const run = await buyer.ok<{ id: string; usage: Record<string, number> }>(
    "stack_invoke_skill",
    order,
  );
  const error = { code, limit, message: expect.stringMatching(message), step: 1 };
  expect(run).toMatchObject({ status: "failed", error, charged_cents: 0 });
  expect(run.usage.wall_ms).toBeGreaterThan(0);
  expect(run.usage.peak_mb).toBeGreaterThan(0);
  expect(await seller.ok("stack_check_invocation", { invocation_id: run.id })).toMatchObject({
    error,
    usage: run.usage,
  });
});

test("a stand-in answers for any provider, and a key of the buyer's only for one that is known", async () => {
  const { enter } = await openTestApp();
  const seller = await enter("seller");
  const step = { type: "llm", model: "nobody/model" };
  const any = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("", { execution_steps: [step], name: "any" }),
  );
  const quote = (skill_id: string) =>
    seller.ok<{ obstacles: object[] }>("stack_quote_skill", { skill_id, input: {} });
  expect(await quote(any.id)).toMatchObject({ would_be_accepted: true, stand_in: true });
  const mode = {
    credential_mode: "buyer_provides",
    required_credentials: [{ provider: "nobody" }],
  };
  const own = await seller.ok<Shown>("stack_publish_skill", {
    ...sealedScript("", { execution_steps: [step], name: "own" }),
    ...mode,
  });
  expect((await quote(own.id)).obstacles).toMatchObject([
    { code: "SERVICE_NOT_CONNECTED" },
    { code: "PROVIDER_NOT_CONFIGURED" },
  ]);
});

test("max_charge_cents is the most that can be charged: refused before anything is held", async () => {
  const { enter } = await openTestApp();
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const skill = await seller.ok<Shown>("stack_publish_skill", sealedScript("return {};"));
  const order = { skill_id: skill.id, input: {}, wait_ms: 20_000 };
  const refused = await buyer.refused("stack_invoke_skill", { ...order, max_charge_cents: 25 });
  expect(refused).toMatchObject({ code: "PRICE_ABOVE_LIMIT", details: { hold_cents: 26 } });
  expect(await buyer.ok("stack_invoke_skill", { ...order, max_charge_cents: 26 })).toMatchObject({
    status: "completed",
    charge_note: expect.stringMatching(
      /price of 25 cents and 1 for compute: \d+ micro-dollars metered/,
    ),
  });
});

test("a pin runs the version it names, by number or content, whatever came later", async () => {
  const { enter } = await openTestApp();
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const old = await seller.ok<Shown>("stack_publish_skill", sealedScript("return { v: 1 };"));
  const steps = [{ type: "script", runtime: "javascript", code: "return { v: 2 };" }];
  await seller.ok("stack_update_skill", {
    skill_id: old.id,
    execution_steps: steps,
    price_per_invocation: 30,
  });
  const run = (pin: object) =>
    buyer.ok("stack_invoke_skill", { skill_id: old.id, input: {}, wait_ms: 20_000, ...pin });
  expect(await run({})).toMatchObject({ output: { v: 2 }, version: "1.0.1", cost_cents: 30 });
  expect(await run({ version: "1.0.0" })).toMatchObject({ output: { v: 1 }, cost_cents: 25 });
  expect(await run({ digest: old.digest })).toMatchObject({ output: { v: 1 }, digest: old.digest });
  for (const pin of [
    { version: "9.0.0" },
    { version: "1.0.1", digest: old.digest },
    { digest: "sha256:0" },
  ]) {
    const refused = await buyer.refused("stack_invoke_skill", {
      skill_id: old.id,
      input: {},
      ...pin,
    });
    expect(refused).toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("stack_list_skill_versions"),
    });
  }
});

test("cancelling what waits frees the hold, again changes nothing, and only its buyer may", async () => {
  const { enter } = await openTestApp({ start: false });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const skill = await seller.ok<Shown>("stack_publish_skill", openSkill());
  const { id } = await buyer.ok<Shown>("stack_invoke_skill", {
    skill_id: skill.id,
    input: {},
    wait_ms: 0,
  });
  const invocation = { invocation_id: id };
  expect((await seller.refused("stack_cancel_invocation", invocation)).code).toBe("FORBIDDEN");
  const cancelled = await buyer.ok("stack_cancel_invocation", invocation);
  expect(cancelled).toMatchObject({ status: "cancelled", held_cents: 0, charged_cents: 0 });
  expect(cancelled.charge_note).toMatch(/Nothing was charged: the invocation was cancelled/);
  expect(await buyer.ok("stack_cancel_invocation", invocation)).toEqual(cancelled);
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
  expect((await seller.refused("stack_claim_invocation", invocation)).code).toBe(
    "INVOCATION_NOT_OPEN",
  );
});

test("what a provider holds is cancelled only when its lease lapses", async () => {
  let now = Date.now();
  const { app, enter } = await openTestApp({ start: false, clock: clockAt(() => now) });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const skill = await seller.ok<Shown>("stack_publish_skill", openSkill());
  const { id } = await buyer.ok<Shown>("stack_invoke_skill", {
    skill_id: skill.id,
    input: {},
    wait_ms: 0,
  });
  const invocation = { invocation_id: id };
  await seller.ok("stack_claim_invocation", invocation);
  const refused = await buyer.refused("stack_cancel_invocation", invocation);
  expect(refused).toMatchObject({
    code: "INVOCATION_NOT_OPEN",
    message: expect.stringMatching(/holds it until 20/),
  });
  now += 4 * 60_000;
  const renewed = await seller.ok("stack_renew_invocation", {
    ...invocation,
    progress: 40,
    note: "half of it",
  });
  expect(renewed.lease_expires_at).toBe(new Date(now + 5 * 60_000).toISOString());
  expect(await buyer.ok("stack_check_invocation", invocation)).toMatchObject({
    progress: 40,
    progress_note: "half of it",
  });
  now += 4 * 60_000;
  expect((await buyer.refused("stack_cancel_invocation", invocation)).code).toBe(
    "INVOCATION_NOT_OPEN",
  );
  now += 2 * 60_000;
  expect(await buyer.ok("stack_cancel_invocation", invocation)).toMatchObject({
    status: "cancelled",
  });
  expect((await seller.refused("stack_renew_invocation", invocation)).code).toBe(
    "INVOCATION_NOT_OPEN",
  );
  expect(
    (await seller.refused("stack_complete_invocation", { ...invocation, output: { text: "" } }))
      .code,
  ).toBe("INVOCATION_NOT_OPEN");
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
});

test("a lease is never renewed past the invocation's own time", async () => {
  let now = Date.now();
  const { enter } = await openTestApp({ start: false, clock: clockAt(() => now) });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const skill = await seller.ok<Shown>(
    "stack_publish_skill",
    openSkill({ invocation_ttl_seconds: 360 }),
  );
  const bought = await buyer.ok<Shown & { expires_at: string }>("stack_invoke_skill", {
    skill_id: skill.id,
    input: {},
    wait_ms: 0,
  });
  const invocation = { invocation_id: bought.id };
  expect((await seller.refused("stack_renew_invocation", invocation)).code).toBe(
    "INVOCATION_NOT_OPEN",
  );
  await seller.ok("stack_claim_invocation", invocation);
  now += 4 * 60_000;
  expect(await seller.ok("stack_renew_invocation", invocation)).toMatchObject({
    lease_expires_at: bought.expires_at,
  });
});

test("cancelling a running sealed skill kills its child and frees its slot", async () => {
  const { app, enter, logged } = await openTestApp({ env: { STACK_SANDBOX_SLOTS: "1" } });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const slow = await seller.ok<Shown>("stack_publish_skill", FOREVER);
  const quick = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("return {};", { name: "quick" }),
  );
  const { id } = await buyer.ok<Shown>("stack_invoke_skill", {
    skill_id: slow.id,
    input: {},
    wait_ms: 0,
  });
  expect(await buyer.ok("stack_check_invocation", { invocation_id: id })).toMatchObject({
    status: "processing",
  });
  expect(await buyer.ok("stack_cancel_invocation", { invocation_id: id })).toMatchObject({
    status: "cancelled",
  });
  const next = await buyer.ok("stack_invoke_skill", {
    skill_id: quick.id,
    input: {},
    wait_ms: 20_000,
  });
  expect(next).toMatchObject({ status: "completed" });
  expect(await app.services.wallet.findLedgerProblems()).toEqual([]);
  expect(logged.join()).not.toMatch(/lease was lost|could not/);
  const used = await app.store.read((r) =>
    r.freeCompute.usedOn(buyer.id, Math.floor(Date.now() / 86_400_000)),
  );
  expect(used.microUsd).toBeGreaterThan(0);
});

test("what runs in one process is cancelled from another", async () => {
  const one = await openTestApp({ env: { STACK_SANDBOX_SLOTS: "1" } });
  const [seller, buyer] = [await one.enter("seller"), await one.enter("buyer")];
  const slow = await seller.ok<Shown>("stack_publish_skill", FOREVER);
  const { id } = await buyer.ok<Shown>("stack_invoke_skill", {
    skill_id: slow.id,
    input: {},
    wait_ms: 0,
  });
  const other = await openTestApp({ home: one.home, start: false });
  const { operatorOn } = await import("../../../helpers/operator.ts");
  await operatorOn(other.app, buyer.id, buyer.apiKey).ok("stack_cancel_invocation", {
    invocation_id: id,
  });
  const quick = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("return {};", { name: "quick" }),
  );
  const next = await buyer.ok("stack_invoke_skill", {
    skill_id: quick.id,
    input: {},
    wait_ms: 10_000,
  });
  expect(next).toMatchObject({ status: "completed" });
});

test("a buyer lists its own invocations, newest first, by state and skill", async () => {
  const { enter } = await openTestApp({ start: false });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const skill = await seller.ok<Shown>(
    "stack_publish_skill",
    openSkill({ price_per_invocation: 1 }),
  );
  const bought = [];
  for (let i = 0; i < 3; i++) {
    bought.push(
      await buyer.ok<Shown>("stack_invoke_skill", { skill_id: skill.id, input: { i }, wait_ms: 0 }),
    );
  }
  await buyer.ok("stack_cancel_invocation", { invocation_id: bought[1]?.id });
  const ids = async (query: object) => {
    const page = await buyer.ok<{ items: Shown[]; next_cursor?: string }>(
      "stack_list_my_invocations",
      { ...query },
    );
    return { ids: page.items.map(({ id }) => id), next: page.next_cursor };
  };
  const [first, second, third] = bought.map(({ id }) => id);
  expect((await ids({})).ids).toEqual([third, second, first]);
  expect((await ids({ status: "cancelled" })).ids).toEqual([second]);
  expect((await ids({ skill_id: "skl_none" })).ids).toEqual([]);
  const page = await ids({ limit: 2 });
  expect((await ids({ limit: 2, cursor: page.next })).ids).toEqual([first]);
  expect((await seller.ok<{ items: unknown[] }>("stack_list_my_invocations")).items).toEqual([]);
});

test("free compute is bounded by the plan, a run is counted as what it used, and a new day begins anew", async () => {
  let now = Date.UTC(2026, 4, 1, 23, 0);
  const { app, enter } = await openTestApp({ clock: clockAt(() => now) });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const steps = [{ type: "llm", model: "openai/gpt-4o", max_tokens: 10_000 }];
  const skill = await seller.ok<Shown>(
    "stack_publish_skill",
    sealedScript("", { price_per_invocation: 0, output_schema: {}, execution_steps: steps }),
  );
  const order = { skill_id: skill.id, input: { text: "x" }, repeat: true, wait_ms: 20_000 };
  const cap = prices.plans.free.free_compute_micro_usd_per_day;
  const used = async () =>
    app.store.read((r) => r.freeCompute.usedOn(buyer.id, Math.floor(now / 86_400_000)));
  expect(await buyer.ok("stack_invoke_skill", order)).toMatchObject({
    status: "completed",
    charged_cents: 0,
    charge_note: expect.stringContaining("free"),
  });
  const { microUsd } = await used();
  expect(microUsd).toBeGreaterThan(0);
  expect(microUsd).toBeLessThan(1_000);
  await app.store.transact([buyer.id], (t) =>
    t.freeCompute.take(buyer.id, Math.floor(now / 86_400_000), cap - 90_000, cap),
  );
  expect((await buyer.refused("stack_invoke_skill", order)).code).toBe("TIER_LIMIT_EXCEEDED");
  expect(
    (
      await buyer.ok<{ obstacles: { code: string }[] }>("stack_quote_skill", {
        skill_id: skill.id,
        input: order.input,
      })
    ).obstacles[0]?.code,
  ).toBe("TIER_LIMIT_EXCEEDED");
  const rich = await enter("rich", { plan: "enterprise" });
  expect(await rich.ok("stack_invoke_skill", order)).toMatchObject({ status: "completed" });
  now += 2 * 3_600_000;
  expect(await buyer.ok("stack_invoke_skill", order)).toMatchObject({ status: "completed" });
  expect(await used()).toMatchObject({ runs: 1 });
});

test("what a source skill's code says of its failure, both sides read; of a sealed one nobody does", async () => {
  const { enter } = await openTestApp();
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const code = "const a = 1;\nthrow new Error('no ' + $INPUT.word);";
  const fail = async (execution_mode: string) => {
    const draft = sealedScript(code, { name: execution_mode, execution_mode });
    const skill = await seller.ok<Shown>("stack_publish_skill", draft);
    const run = await buyer.ok<Shown>("stack_invoke_skill", {
      skill_id: skill.id,
      input: { word: "canary" },
      wait_ms: 20_000,
    });
    return [
      run.error,
      (await seller.ok("stack_check_invocation", { invocation_id: run.id })).error,
    ];
  };
  const said = { code: "script_error", step: 1, line: 2, reason: "Error: no canary" };
  expect(await fail("source")).toEqual([
    expect.objectContaining(said),
    expect.objectContaining(said),
  ]);
  const sealed = await fail("sealed");
  expect(JSON.stringify(sealed)).not.toContain("canary");
  expect(sealed).toMatchObject([{ step: 1 }, { step: 1, line: 2 }]);
});

test("S1's claims and payment token are taken; the claims are not believed and the token is told to nobody", async () => {
  const { enter } = await openTestApp({ start: false });
  const [seller, buyer] = [await enter("seller"), await enter("buyer")];
  const skill = await seller.ok<Shown>(
    "stack_publish_skill",
    openSkill({ trust_level_required: "L1" }),
  );
  const named = async (who: typeof buyer) => {
    const { id: agent_id } = await registerAgent(who, "consumer");
    return { agent_id, passport_id: (await issue(who, agent_id)).jti };
  };
  const order = {
    skill_id: skill.id,
    input: { url: "https://example.com/doc.pdf" },
    passport_claims: [{ claim_type: "verified_human", assurance_level: "high" }],
    payment_token: "0xBuyerAddress",
    wait_ms: 0,
  };
  const foreign = await named(await enter("foreign"));
  expect((await buyer.refused("stack_invoke_skill", { ...order, ...foreign })).code).toBe(
    "NOT_FOUND",
  );
  const own = await named(buyer);
  expect((await buyer.refused("stack_invoke_skill", { ...order, ...own })).code).toBe(
    "TRUST_LEVEL_INSUFFICIENT",
  );
  const human = await enter("human", { claimTypes: ["verified_human"] });
  const run = await human.ok<Shown>("stack_invoke_skill", { ...order, ...(await named(human)) });
  expect(run.status).toBe("pending");
  expect(JSON.stringify(run)).not.toContain("0xBuyer");
});

test("priced runs that fail use up the same bound: nobody works the host's model for nothing", async () => {
  const { app, enter } = await openTestApp();
  const cheat = await enter("cheat", { fundCents: 100_000 });
  const steps = [
    { type: "llm", model: "openai/gpt-4o", max_tokens: 1_000 },
    { type: "script", runtime: "javascript", code: "throw new Error($PREV);" },
  ];
  const draft = sealedScript("", {
    execution_mode: "source",
    price_per_invocation: 1,
    execution_steps: steps,
  });
  const skill = await cheat.ok<Shown>("stack_publish_skill", draft);
  const day = Math.floor(Date.now() / 86_400_000);
  const order = { skill_id: skill.id, input: { text: "Name: x" }, wait_ms: 20_000 };
  expect(await cheat.ok("stack_invoke_skill", order)).toMatchObject({
    status: "failed",
    charged_cents: 0,
  });
  const { microUsd } = await app.store.read((r) => r.freeCompute.usedOn(cheat.id, day));
  expect(microUsd).toBeGreaterThan(0);
  await app.store.transact([cheat.id], (t) =>
    t.freeCompute.add(cheat.id, day, prices.plans.free.free_compute_micro_usd_per_day),
  );
  expect((await cheat.refused("stack_invoke_skill", order)).code).toBe("TIER_LIMIT_EXCEEDED");
  const quote = await cheat.ok<{ obstacles: { code: string }[] }>("stack_quote_skill", {
    skill_id: skill.id,
  });
  expect(quote.obstacles.map(({ code }) => code)).toEqual(["TIER_LIMIT_EXCEEDED"]);
});

test("a claim lifts trust until it expires or is revoked, also where nothing else changes meanwhile", async () => {
  let now = Date.now();
  const { home, enter } = await openTestApp({ start: false, clock: clockAt(() => now) });
  const [seller, human] = [
    await enter("seller"),
    await enter("human", { claimTypes: ["verified_human"] }),
  ];
  const skill = await seller.ok<Shown>(
    "stack_publish_skill",
    openSkill({ trust_level_required: "L1" }),
  );
  const raw = new Database(join(home, "stack.db"));
  raw.prepare("update claims set expires_at = ?").run(now + 1_000);
  const allowed = async () =>
    (await human.ok("stack_check_trust_level", { skill_id: skill.id })).allowed;
  expect(await allowed()).toBe(true);
  now += 1_000;
  expect(await allowed()).toBe(false);
  raw.exec("update claims set expires_at = null");
  expect(await allowed()).toBe(true);
  raw.exec("update claims set revoked_at = 1");
  expect(await allowed()).toBe(false);
  raw.close();
});
