import { expect, test } from "vitest";
import { order } from "../../../../bench/order.ts";
import { Secret } from "../../../../src/shared/secret.ts";
import { OPERATIONS } from "../../../../tools/registry.ts";
import { carrying, issue, registerAgent } from "../../../helpers/agents.ts";
import { openTestApp } from "../../../helpers/app.ts";
import { clockAt } from "../../../helpers/clock.ts";
import { type Operator, operatorOn, WHOLE } from "../../../helpers/operator.ts";
import { openSkill, sealedScript } from "../../../helpers/skills.ts";

interface Run {
  readonly id: string;
  readonly status: string;
  readonly output?: unknown;
  readonly deduplicated?: true;
  readonly invocation_id?: string;
  readonly completed_at?: string;
  readonly note?: string;
}

const SLOW =
  "const end = Date.now() + 400; while (Date.now() < end) {} return { at: Math.random() };";

async function market(
  draft: Record<string, unknown> = sealedScript("return { at: Math.random() };"),
) {
  let passed = 0;
  const world = await openTestApp({ clock: clockAt(() => Date.now() + passed) });
  const [seller, buyer] = [
    await world.createOperator("seller"),
    await world.createOperator("buyer"),
  ];
  const skill = await seller.ok<{ id: string; digest: string }>("stack_publish_skill", draft);
  const call = (more: object = {}, who: Pick<Operator, "ok"> = buyer) =>
    who.ok<Run>("stack_invoke_skill", {
      skill_id: skill.id,
      input: { n: 1 },
      wait_ms: 20_000,
      ...more,
    });
  const wallet = () => buyer.ok<{ balance_cents: number; held_cents: number }>("stack_get_balance");
  const pass = (ms: number) => {
    passed += ms;
  };
  return { ...world, seller, buyer, skill, call, wallet, pass };
}

test("answers the same call without a key with the run that just completed", async () => {
  const { call, wallet, seller, skill } = await market();
  const first = await call();
  const { balance_cents } = await wallet();
  const again = await call();
  expect(again).toMatchObject({
    id: first.id,
    output: first.output,
    deduplicated: true,
    invocation_id: first.id,
  });
  expect(again.completed_at).toBe(first.completed_at);
  expect(again.note).toContain("repeat: true");
  expect(first).not.toHaveProperty("deduplicated");
  expect((await wallet()).balance_cents).toBe(balance_cents);
  expect(await seller.ok("stack_get_skill", { skill_id: skill.id })).toMatchObject({
    invocation_count: 1,
  });
});

test("starts a new run for a key or repeat, and not for how to answer", async () => {
  const { call } = await market();
  const { id } = await call();
  expect((await call({ wait_ms: 100 })).id).toBe(id);
  const others = [
    await call({ repeat: true }),
    await call({ idempotency_key: "another" }),
    await call({ input: { n: 2 } }),
    await call({ max_charge_cents: 500 }),
    await call({ version: "1.0.0" }),
  ];
  expect(new Set([id, ...others.map((run) => run.id)]).size).toBe(6);
  expect((await call()).id).toBe(id);
});

test("joins calls while the first runs, and finds a slow one after its caller's time", async () => {
  const { call, wallet } = await market(sealedScript(SLOW));
  const runs = await Promise.all(Array.from({ length: 8 }, () => call()));
  expect(new Set(runs.map((run) => run.id)).size).toBe(1);
  expect(runs.filter((run) => run.deduplicated === undefined)).toHaveLength(1);
  expect(await wallet()).toMatchObject({ balance_cents: 1_000 - 26, held_cents: 0 });
});

test("runs anew a minute after the end, by the store's clock", async () => {
  const { call, pass } = await market();
  const first = await call();
  pass(58_000);
  expect((await call()).id).toBe(first.id);
  pass(3_000);
  expect((await call()).id).not.toBe(first.id);
});

test.each([
  ["failed", sealedScript("throw new Error('no');")],
  ["does not fit", sealedScript("return [];")],
])("hands back no run that %s", async (_, draft) => {
  const { call } = await market(draft);
  const [first, second] = [await call(), await call()];
  expect(first.status).toBe("failed");
  expect(second.id).not.toBe(first.id);
});

test("hands back no run that was cancelled or that expired, swept or not", async () => {
  const { call, buyer, pass } = await market(openSkill({ invocation_ttl_seconds: 60 }));
  const cancelled = await call({ wait_ms: 0 });
  expect((await call({ wait_ms: 0 })).id).toBe(cancelled.id);
  await buyer.ok("stack_cancel_invocation", { invocation_id: cancelled.id });
  const expired = await call({ wait_ms: 0 });
  expect(expired.id).not.toBe(cancelled.id);
  pass(61_000);
  expect((await call({ wait_ms: 0 })).id).not.toBe(expired.id);
  expect(await buyer.ok("stack_check_invocation", { invocation_id: expired.id })).toMatchObject({
    status: "expired",
  });
});

test("hands back a first run whose own hold leaves no money for a second", async () => {
  const { call, createOperator } = await market(openSkill({ price_per_invocation: 100 }));
  const poor = await createOperator("poor", { fundCents: 100 });
  const first = await call({ wait_ms: 0 }, poor);
  expect(await call({ wait_ms: 0 }, poor)).toMatchObject({ id: first.id, deduplicated: true });
});

test("shares a run of content of the moment only while it runs", async () => {
  const { call, buyer, skill, seller } = await market(sealedScript(SLOW, { volatile: true }));
  expect(await buyer.ok("stack_quote_skill", { skill_id: skill.id })).toMatchObject({
    volatile: true,
  });
  const [one, two] = await Promise.all([call(), call()]);
  expect(one?.id).toBe(two?.id);
  expect((await call()).id).not.toBe(one?.id);
  const steady = await seller.ok<{ digest: string }>("stack_update_skill", {
    skill_id: skill.id,
    volatile: false,
  });
  expect(steady.digest).not.toBe(skill.digest);
  expect(steady).not.toHaveProperty("volatile");
});

test("runs other content of the same skill as another call", async () => {
  const { call, seller, skill } = await market();
  const first = await call();
  await seller.ok("stack_update_skill", {
    skill_id: skill.id,
    execution_steps: [{ type: "script", runtime: "javascript", code: "return { at: 2 };" }],
  });
  expect(await call()).toMatchObject({ output: { at: 2 } });
  expect((await call()).id).not.toBe(first.id);
});

test("separates the calls of keys, agents, sessions and operators", async () => {
  const { app, buyer, createOperator, call } = await market();
  const agent = await registerAgent(buyer, "one");
  const session = async () => carrying(app, (await issue(buyer, agent.id)).token);
  const key = await app.services.keys.create({ operator: buyer.id, name: "second" });
  const callers = [
    buyer,
    operatorOn(app, buyer.id, key.api_key),
    await session(),
    await session(),
    await createOperator("other"),
  ];
  const ids = [];
  for (const who of callers) ids.push((await call({}, who)).id);
  expect(new Set(ids).size).toBe(callers.length);
  for (const [index, who] of callers.entries()) expect((await call({}, who)).id).toBe(ids[index]);
});

test("hands back no run whose output was erased", async () => {
  const { app, call } = await market();
  const first = await call();
  await app.services.erasure.erase({ invocationId: first.id });
  expect((await call()).id).not.toBe(first.id);
});

/** A call that is given up at once, or by `signal`. */
async function givenUp(
  world: Awaited<ReturnType<typeof market>>,
  more: object = {},
  signal = AbortSignal.abort(),
) {
  const operation = OPERATIONS.find(({ name }) => name === "stack_invoke_skill");
  if (!operation) throw new Error("no such tool");
  const outcome = await world.app.engine.run({
    operation,
    input: { skill_id: world.skill.id, input: { n: 1 }, wait_ms: 20_000, ...more },
    credential: { kind: "bearer", token: new Secret(world.buyer.apiKey), source: "the test" },
    profile: WHOLE,
    signal,
  });
  if (!outcome.ok) throw outcome.error;
  return outcome.value.id as string;
}

const ended = (world: Awaited<ReturnType<typeof market>>, invocation_id: string) =>
  world.buyer.ok<Run>("stack_check_invocation", { invocation_id, wait_ms: 20_000 });

test.each([
  ["runs", sealedScript("await new Promise(() => {});")],
  ["waits for its provider", openSkill()],
])(
  "ends the run of a call given up without a key while it %s, and voids its hold",
  async (_, draft) => {
    const world = await market(draft);
    const id = await givenUp(world);
    expect(await ended(world, id)).toMatchObject({ status: "cancelled", charged_cents: 0 });
    expect(await world.wallet()).toMatchObject({ balance_cents: 1_000, held_cents: 0 });
  },
);

test("keeps running what a call under a key gave up", async () => {
  const world = await market();
  const id = await givenUp(world, { idempotency_key: "mine" });
  expect(await ended(world, id)).toMatchObject({ status: "completed" });
});

test("keeps running what another call joined when the first gives up", async () => {
  const world = await market(sealedScript(SLOW));
  const leaving = new AbortController();
  const first = givenUp(world, {}, leaving.signal);
  await expect.poll(() => world.app.store.read((r) => r.invocations.countByEnd())).toHaveLength(1);
  const second = await world.call({ wait_ms: 0 });
  leaving.abort();
  expect(second.id).toBe(await first);
  expect(await ended(world, second.id)).toMatchObject({ status: "completed" });
});

test("keeps running what has called out, where the same call finds it", async () => {
  const code =
    "try { await proxy_fetch('https://nowhere.invalid/'); } catch {} for (;;) await null;";
  const world = await market(sealedScript(code, { egress: { hosts: ["nowhere.invalid"] } }));
  const leaving = new AbortController();
  const first = givenUp(world, {}, leaving.signal);
  type Rows = { entries: { action: string }[] };
  const rows = async () => (await world.buyer.ok<Rows>("stack_query_audit")).entries;
  const calls = async () => (await rows()).filter(({ action }) => action === "skill.fetch");
  await expect.poll(calls, { timeout: 10_000 }).toHaveLength(1);
  leaving.abort();
  const again = await world.call({ wait_ms: 0 });
  expect(again).toMatchObject({ id: await first, status: "processing", deduplicated: true });
});

test("runs each call of a bench", async () => {
  const world = await market();
  const runs = await Promise.all(Array.from({ length: 8 }, () => world.call(order({ n: 1 }))));
  expect(new Set(runs.map((run) => run.id)).size).toBe(8);
});
