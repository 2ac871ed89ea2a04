import { expect, test } from "vitest";
import { openTestApp } from "../../../helpers/app.ts";
import { openSkill, sealedScript } from "../../../helpers/skills.ts";

interface Invocation {
  readonly id: string;
  readonly status: string;
  readonly output?: unknown;
  readonly error?: { code: string; message: string; step?: number; line?: number };
}

async function market(options: Parameters<typeof openTestApp>[0] = {}) {
  const test = await openTestApp(options);
  const [seller, buyer] = [await test.enter("seller"), await test.enter("buyer")];
  const publish = async (draft: Record<string, unknown>) =>
    (await seller.ok<{ id: string }>("stack_publish_skill", draft)).id;
  const invoke = (
    skill_id: string,
    input: Record<string, unknown> = {},
    more: Record<string, unknown> = {},
  ) =>
    buyer.ok<Invocation & Record<string, unknown>>("stack_invoke_skill", {
      skill_id,
      input,
      wait_ms: 20_000,
      ...more,
    });
  const sound = async () => {
    expect(await test.app.services.wallet.findLedgerProblems()).toEqual([]);
    expect(
      (await test.app.services.audit.verify()).filter((chain) => chain.problem !== undefined),
    ).toEqual([]);
  };
  return { ...test, seller, buyer, publish, invoke, sound };
}

test("two script steps hand values on, and $INPUT and $PREV are what they say", async () => {
  const { publish, invoke } = await market();
  const skill = await publish(
    sealedScript("", {
      execution_steps: [
        {
          type: "script",
          runtime: "javascript",
          code: "return { doubled: $INPUT.n * 2, prev: $PREV };",
        },
        {
          type: "script",
          runtime: "javascript",
          code: "const input = 5; return { ...prev, plus: $PREV.doubled + input };",
        },
      ],
    }),
  );
  expect(await invoke(skill, { n: 4 })).toMatchObject({
    status: "completed",
    output: { doubled: 8, prev: null, plus: 13 },
  });
});

test("a returning buyer is told of a price or a schema that changed since its last result, before and after", async () => {
  const { seller, buyer, publish, invoke } = await market();
  const skill = await publish(sealedScript("return { n: 1 };", { price_per_invocation: 5 }));
  const quote = () =>
    buyer.ok<Record<string, unknown>>("stack_quote_skill", { skill_id: skill, input: {} });
  expect(await quote()).not.toHaveProperty("since_last_purchase");
  expect(await invoke(skill)).not.toHaveProperty("since_last_purchase");
  await seller.ok("stack_update_skill", {
    skill_id: skill,
    description: "The same, in other words.",
  });
  await seller.ok("stack_update_skill", {
    skill_id: skill,
    refusals: { nothing: "There is nothing." },
  });
  expect(await quote()).not.toHaveProperty("since_last_purchase");
  const output_schema = { type: "object", properties: { n: { type: "integer" } } };
  await seller.ok("stack_update_skill", {
    skill_id: skill,
    price_per_invocation: 12,
    output_schema,
  });
  const since = {
    changed: ["price", "output_schema"],
    last_version: "1.0.0",
    last_price_cents: 5,
    last_bought_at: expect.stringMatching(/^\d{4}-/),
  };
  expect(await quote()).toMatchObject({ since_last_purchase: since, price_cents: 12 });
  const bought = await invoke(skill, {}, { repeat: true });
  expect(bought).toMatchObject({ status: "completed", since_last_purchase: since });
  expect(bought.note).toMatch(
    /^Changed since you last bought it \(1\.0\.0 on [-\d]+\): price, then 5 cents; output_schema\./,
  );
  expect(await invoke(skill, {}, { repeat: true })).not.toHaveProperty("since_last_purchase");
});

test.each([
  ["throws", "throw new Error('the other side must not read this');", "script_error"],
  ["throws something hostile", "throw new Proxy({}, { get() { throw 1; } });", "script_error"],
  ["cannot be made sense of when it runs", "return missing.name;", "script_error"],
  ["returns too much", "return { x: 'x'.repeat(1100000) };", "output_too_large"],
  ["returns what does not fit", "return [1];", "output_invalid"],
  ["returns nothing", "", "output_invalid"],
  ["returns a circle", "const a = {}; a.a = a; return a;", "script_error"],
  ["returns text that is no Unicode", "return { x: '\\ud800' };", "output_invalid"],
  ["loops", "for (;;);", "timeout"],
  ["waits for ever", "await new Promise(() => {});", "timeout"],
  ["eats memory", "const a = []; for (;;) a.push(new Array(100000).fill(1));", "memory"],
  ["eats memory in one go", "return 'x'.repeat(2 ** 29 - 100).split('');", "memory"],
  ["calls out", "await proxy_fetch('https://example.com'); return {};", "script_error"],
])("a skill that %s fails with %3$s, and nobody is charged", async (_, code, verdict) => {
  const { publish, invoke, buyer, seller, sound } = await market({
    env: { STACK_STEP_TIMEOUT_MS: "3000" },
  });
  const skill = await publish(sealedScript(` \n${code || ";"}`));
  const failed = await invoke(skill);
  expect(failed).toMatchObject({
    status: "failed",
    error: { code: verdict, step: 1 },
    charged_cents: 0,
    held_cents: 0,
  });
  expect(failed.error).not.toHaveProperty("line");
  expect(failed.error?.message).not.toContain("other side");
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
  const seen = await seller.ok<Invocation>("stack_check_invocation", { invocation_id: failed.id });
  expect(seen).not.toHaveProperty("output");
  expect(seen).not.toHaveProperty("charged_cents");
  await sound();
});

test("the publisher reads the line of its code, and the buyer does not", async () => {
  const { publish, invoke, seller } = await market();
  const skill = await publish(sealedScript("const a = 1;\n\nnull.x;"));
  const failed = await invoke(skill);
  const seen = await seller.ok<Invocation>("stack_check_invocation", { invocation_id: failed.id });
  expect(seen.error).toMatchObject({ code: "script_error", step: 1, line: 3 });
  expect(failed.error).not.toHaveProperty("line");
});

test("fifty parallel identical calls with one key are one invocation and one charge", async () => {
  const { publish, buyer, seller, sound } = await market({ env: { STACK_SANDBOX_SLOTS: "2" } });
  const skill_id = await publish(sealedScript("return { ok: true };"));
  const order = { skill_id, input: {}, idempotency_key: "once", wait_ms: 20_000 };
  const all = await Promise.all(
    Array.from({ length: 50 }, () => buyer.ok<Invocation>("stack_invoke_skill", order)),
  );
  expect(new Set(all.map((one) => one.id)).size).toBe(1);
  expect(new Set(all.map((one) => one.status))).toEqual(new Set(["completed"]));
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ balance_cents: 974 });
  expect(await seller.ok("stack_get_balance")).toMatchObject({ earnings_cents: 17 });
  await sound();
});

test("a key with another input is a conflict, and with another wait_ms it is the same request", async () => {
  const { publish, buyer, invoke } = await market();
  const skill_id = await publish(sealedScript("return $INPUT;"));
  const first = await invoke(skill_id, { n: 1 }, { idempotency_key: "k" });
  expect(await invoke(skill_id, { n: 1 }, { idempotency_key: "k", wait_ms: 0 })).toMatchObject({
    id: first.id,
  });
  const conflict = await buyer.refused("stack_invoke_skill", {
    skill_id,
    input: { n: 2 },
    idempotency_key: "k",
  });
  expect(conflict.code).toBe("IDEMPOTENCY_CONFLICT");
});

test("a refusal is not remembered: the same key works once the cause is mended", async () => {
  const { publish, app, enter } = await market();
  const poor = await enter("poor", { fundCents: 0 });
  const skill_id = await publish(sealedScript("return {};"));
  const order = { skill_id, input: {}, idempotency_key: "k", wait_ms: 20_000 };
  const refused = await poor.refused("stack_invoke_skill", order);
  expect(refused).toMatchObject({
    code: "INSUFFICIENT_CREDITS",
    details: { required_cents: 26, balance_cents: 0 },
  });
  expect(refused.message).toContain(`stack-mcp operator fund ${poor.id}`);
  await app.services.operators.fund("poor", 26);
  expect(await poor.ok("stack_invoke_skill", order)).toMatchObject({
    status: "completed",
    charged_cents: 26,
  });
});

test("holds count: a wallet is not spent twice by parallel calls", async () => {
  const { publish, enter, sound } = await market();
  const skill_id = await publish(openSkill({ price_per_invocation: 100 }));
  const buyer = await enter("small", { fundCents: 350 });
  const all = await Promise.all(
    Array.from({ length: 10 }, () =>
      buyer.call("stack_invoke_skill", { skill_id, input: {}, repeat: true, wait_ms: 0 }),
    ),
  );
  expect(all.filter((outcome) => outcome.ok)).toHaveLength(3);
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ balance_cents: 50, held_cents: 300 });
  await sound();
});

test("a free skill costs its buyer nothing and the platform its compute", async () => {
  const { publish, enter, sound, app } = await market();
  const poor = await enter("poor", { fundCents: 0 });
  const skill_id = await publish(sealedScript("return {};", { price_per_invocation: 0 }));
  const done = await poor.ok("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000 });
  expect(done).toMatchObject({ status: "completed", charged_cents: 0 });
  expect(app.store.instance.stamp).toBe("play");
  await sound();
});

test("an operator that runs its own skill is charged as anybody and counts nowhere", async () => {
  const { publish, seller } = await market();
  const skill_id = await publish(sealedScript("return {};"));
  const done = await seller.ok("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000 });
  expect(done).toMatchObject({ status: "completed", charged_cents: 26, earned_cents: 17 });
  expect(await seller.ok("stack_get_skill", { skill_id })).toMatchObject({ invocation_count: 0 });
});

test("without a free slot work waits in the queue and runs when there is one", async () => {
  const { publish, buyer } = await market({ env: { STACK_SANDBOX_SLOTS: "1" } });
  const skill_id = await publish(sealedScript("return { n: $INPUT.n };"));
  const started = await Promise.all(
    [1, 2, 3, 4].map((n) =>
      buyer.ok<Invocation>("stack_invoke_skill", { skill_id, input: { n }, wait_ms: 0 }),
    ),
  );
  expect(started.filter((one) => one.status === "pending").length).toBeGreaterThanOrEqual(2);
  const ends = await Promise.all(
    started.map((one) =>
      buyer.ok<Invocation>("stack_check_invocation", { invocation_id: one.id, wait_ms: 20_000 }),
    ),
  );
  expect(ends.map((one) => one.output)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
});

test("too many waiting invocations of one buyer are refused before any hold", async () => {
  const { publish, enter } = await market();
  const skill_id = await publish(openSkill({ price_per_invocation: 1 }));
  const eager = await enter("eager");
  for (let i = 0; i < 100; i++)
    await eager.ok("stack_invoke_skill", { skill_id, input: { i }, wait_ms: 0 });
  expect(await eager.refused("stack_invoke_skill", { skill_id, input: {} })).toMatchObject({
    code: "RATE_LIMITED",
  });
  expect(await eager.ok("stack_get_balance")).toMatchObject({ held_cents: 100 });
});

test.each([
  ["another type", { n: "three" }, /"\/n".*must be number/],
  ["a missing field", {}, /required property 'n'/],
])("an input with %s is refused with its place, and nothing is held", async (_, input, reason) => {
  const { publish, buyer } = await market();
  const input_schema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
  const skill_id = await publish(sealedScript("return {};", { input_schema }));
  const refused = await buyer.refused("stack_invoke_skill", { skill_id, input });
  expect(refused.code).toBe("INPUT_INVALID");
  expect(JSON.stringify(refused.details)).toMatch(reason);
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ held_cents: 0 });
});

test("an input that is too large or too deep is refused", async () => {
  const { publish, buyer } = await market();
  const skill_id = await publish(sealedScript("return {};"));
  const large = await buyer.refused("stack_invoke_skill", {
    skill_id,
    input: { x: "x".repeat(1_100_000) },
  });
  expect(large.code).toBe("PAYLOAD_TOO_LARGE");
  let deep: unknown = 1;
  for (let i = 0; i < 10_000; i++) deep = [deep];
  expect((await buyer.refused("stack_invoke_skill", { skill_id, input: { deep } })).code).toBe(
    "INVALID_REQUEST",
  );
});

test.each([
  ["L1", "verified_human"],
  ["L2", "verified_identity"],
])("a skill that requires %s is for operators with an active %s claim", async (level, claim) => {
  const { publish, buyer, enter } = await market();
  const skill_id = await publish(sealedScript("return {};", { trust_level_required: level }));
  expect(await buyer.ok("stack_check_trust_level", { skill_id })).toMatchObject({
    allowed: false,
    your_level: "L0",
  });
  const refused = await buyer.refused("stack_invoke_skill", { skill_id, input: {} });
  expect(refused.code).toBe("TRUST_LEVEL_INSUFFICIENT");
  expect(refused.message).toContain(claim);
  const claims = [{ claim_type: claim, assurance_level: "high" }];
  expect(
    await buyer.ok("stack_check_trust_level", { skill_id, passport_claims: claims }),
  ).toMatchObject({
    allowed: true,
  });
  const trusted = await enter("trusted", { claimTypes: [claim] });
  expect(
    await trusted.ok("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000 }),
  ).toMatchObject({
    status: "completed",
  });
});

test("stopping the program ends running work at once and voids its hold", async () => {
  const first = await market();
  const skill_id = await first.publish(sealedScript("await new Promise(() => {});"));
  const running = await first.invoke(skill_id, {}, { wait_ms: 0 });
  expect(running).toMatchObject({ status: "processing", held_cents: 27 - 1 });
  await first.app.stop(0);
  const second = await openTestApp({ home: first.home });
  const { operatorOn } = await import("../../../helpers/operator.ts");
  const buyer = operatorOn(second.app, first.buyer.id, first.buyer.apiKey);
  const after = await buyer.ok("stack_check_invocation", { invocation_id: running.id });
  expect(after).toMatchObject({ status: "failed", error: { code: "lost" }, charged_cents: 0 });
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
});

test("prices with cents fit a schema that asks for whole cents, in and out, and are paid; parts of a cent do not", async () => {
  const { publish, invoke, buyer, sound } = await market();
  const amount = {
    type: "object",
    properties: { amount: { type: "number", multipleOf: 0.01 } },
    required: ["amount"],
  };
  const schemas = { input_schema: amount, output_schema: amount };
  const same = await publish(sealedScript("return { amount: $INPUT.amount };", schemas));
  const halved = await publish(
    sealedScript("return { amount: $INPUT.amount / 2 };", { ...schemas, name: "halved" }),
  );
  for (const value of [19.99, 4.35, 1234567.89]) {
    const run = await invoke(same, { amount: value });
    expect(run).toMatchObject({
      status: "completed",
      output: { amount: value },
      charged_cents: 26,
    });
  }
  for (const skill_id of [same, halved]) {
    const refused = await buyer.refused("stack_invoke_skill", {
      skill_id,
      input: { amount: 19.995 },
    });
    expect(refused).toMatchObject({
      code: "INPUT_INVALID",
      details: { misfits: [{ rule: "multipleOf" }] },
    });
    const quote = await buyer.ok("stack_quote_skill", { skill_id, input: { amount: 19.995 } });
    expect(quote).toMatchObject({
      would_be_accepted: false,
      obstacles: [{ code: "INPUT_INVALID" }],
    });
  }
  const odd = await invoke(halved, { amount: 19.99 });
  expect(odd).toMatchObject({
    status: "failed",
    error: { code: "output_invalid" },
    charged_cents: 0,
  });
  await sound();
});
