import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { LIMITS } from "../../../../src/shared/limits.ts";
import { openTestApp } from "../../../helpers/app.ts";
import { clockAt } from "../../../helpers/clock.ts";
import { openSkill, sealedScript } from "../../../helpers/skills.ts";

interface Invocation {
  readonly id: string;
  readonly status: string;
}

/** A market whose clock the test moves. */
async function market() {
  let now = 1_800_000_000_000;
  const test = await openTestApp({ clock: clockAt(() => now) });
  const [seller, buyer, stranger] = [
    await test.createOperator("seller"),
    await test.createOperator("buyer"),
    await test.createOperator("stranger"),
  ];
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    openSkill({ invocation_ttl_seconds: 600 }),
  );
  const order = () =>
    buyer.ok<Invocation>("stack_invoke_skill", {
      skill_id: skill.id,
      input: { text: "x" },
      repeat: true,
      wait_ms: 0,
    });
  const state = (id: string) =>
    buyer.ok<Invocation>("stack_check_invocation", { invocation_id: id });
  const wait = (ms: number) => {
    now += ms;
  };
  const pass = async (ms: number) => {
    wait(ms);
    await test.app.chores.pass();
  };
  const sound = async () => expect(await test.app.services.wallet.findLedgerProblems()).toEqual([]);
  return { ...test, seller, buyer, stranger, skillId: skill.id, order, state, wait, pass, sound };
}

const output = { text: "done" };

test("charges the price and no compute for what a provider claims and completes", async () => {
  const { seller, buyer, order, state, sound, skillId } = await market();
  const { id } = await order();
  const listed = await seller.ok<{ items: Record<string, unknown>[] }>(
    "stack_list_pending_invocations",
    {
      skill_id: skillId,
    },
  );
  expect(listed.items).toEqual([
    expect.objectContaining({ id, input: { text: "x" }, price_cents: 100 }),
  ]);
  const claimed = await seller.ok("stack_claim_invocation", { invocation_id: id });
  expect(claimed).toMatchObject({ status: "processing", input: { text: "x" } });
  expect(await seller.ok<{ items: [] }>("stack_list_pending_invocations")).toMatchObject({
    items: [],
  });
  const done = await seller.ok("stack_complete_invocation", { invocation_id: id, output });
  expect(done).toMatchObject({ status: "completed", earned_cents: 70 });
  expect(await state(id)).toMatchObject({
    status: "completed",
    output,
    cost_cents: 100,
    compute_cost_cents: 0,
  });
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ balance_cents: 900, held_cents: 0 });
  await sound();
});

test("claims a pending invocation by completing it, and pays once for one key", async () => {
  const { seller, order, sound } = await market();
  const { id } = await order();
  const delivery = { invocation_id: id, output, idempotency_key: "d" };
  const both = await Promise.all([
    seller.ok("stack_complete_invocation", delivery),
    seller.ok("stack_complete_invocation", delivery),
  ]);
  const [first, second] = both.map(({ replayed: _, ...rest }) => rest);
  expect(first).toEqual(second);
  expect(both.filter(({ replayed }) => replayed === true)).toHaveLength(1);
  expect(await seller.ok("stack_get_balance")).toMatchObject({ earnings_cents: 70 });
  const late = await seller.refused("stack_complete_invocation", { invocation_id: id, output });
  expect(late).toMatchObject({ code: "INVOCATION_NOT_OPEN", details: { status: "completed" } });
  await sound();
});

test("rejects output that does not fit, and leaves the invocation as it was", async () => {
  const { seller, order, state, sound } = await market();
  const { id } = await order();
  await seller.ok("stack_claim_invocation", { invocation_id: id });
  const refused = await seller.refused("stack_complete_invocation", {
    invocation_id: id,
    output: { text: 5 },
  });
  expect(refused.code).toBe("OUTPUT_INVALID");
  expect(refused.details).toMatchObject({
    misfits: [{ path: "/text", message: "must be string" }],
  });
  expect(await state(id)).toMatchObject({ status: "processing", held_cents: 100 });
  expect(await seller.ok("stack_complete_invocation", { invocation_id: id, output })).toMatchObject(
    {
      status: "completed",
    },
  );
  await sound();
});

test("voids the hold when the provider fails the work, and passes on its reason", async () => {
  const { seller, buyer, order, state, sound } = await market();
  const { id } = await order();
  await seller.ok("stack_fail_invocation", { invocation_id: id, reason: "The page is blank." });
  const failed = await state(id);
  expect(failed).toMatchObject({
    status: "failed",
    error: { code: "provider_failed", reason: "The page is blank." },
  });
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
  await sound();
});

test("reopens work whose claim lapsed, and expires it in time with its hold voided", async () => {
  const { seller, buyer, order, state, pass, sound } = await market();
  const { id } = await order();
  await seller.ok("stack_claim_invocation", { invocation_id: id });
  await pass(LIMITS.openLeaseMs - 1);
  expect(await state(id)).toMatchObject({ status: "processing" });
  await pass(1);
  expect(await state(id)).toMatchObject({ status: "pending", held_cents: 100 });
  await seller.ok("stack_claim_invocation", { invocation_id: id });
  await pass(LIMITS.openLeaseMs);
  expect(await state(id)).toMatchObject({ status: "expired", held_cents: 0, charged_cents: 0 });
  expect(await buyer.ok("stack_get_balance")).toMatchObject({ balance_cents: 1_000 });
  await sound();
});

test("expires pending work at its time", async () => {
  const { seller, order, state, pass, sound } = await market();
  const { id } = await order();
  await pass(600_000);
  expect(await state(id)).toMatchObject({ status: "expired" });
  expect((await seller.refused("stack_claim_invocation", { invocation_id: id })).code).toBe(
    "INVOCATION_NOT_OPEN",
  );
  await sound();
});

test("rejects claims and results of what has expired, swept or not", async () => {
  const { seller, buyer, order, wait, pass, sound } = await market();
  const [pending, claimed] = [await order(), await order()];
  await seller.ok("stack_claim_invocation", { invocation_id: claimed.id });
  wait(600_000);
  for (const { id } of [pending, claimed]) {
    const late = await seller.refused("stack_complete_invocation", { invocation_id: id, output });
    expect(late.code).toBe("EXPIRED");
  }
  await pass(0);
  expect(await buyer.ok("stack_get_balance")).toMatchObject({
    balance_cents: 1_000,
    held_cents: 0,
  });
  await sound();
});

test("lets only the provider work on an invocation, and hides it from strangers", async () => {
  const { buyer, stranger, order, seller } = await market();
  const { id } = await order();
  for (const tool of [
    "stack_claim_invocation",
    "stack_fail_invocation",
    "stack_complete_invocation",
  ]) {
    const input = {
      invocation_id: id,
      ...(tool === "stack_complete_invocation" ? { output } : {}),
    };
    for (const caller of [buyer, stranger]) {
      expect((await caller.refused(tool, input)).code, tool).toBe("INVOCATION_NOT_FOUND");
    }
  }
  expect((await stranger.refused("stack_check_invocation", { invocation_id: id })).code).toBe(
    "INVOCATION_NOT_FOUND",
  );
  expect(await stranger.ok<{ items: [] }>("stack_list_pending_invocations")).toMatchObject({
    items: [],
  });
  expect(await seller.ok<{ items: unknown[] }>("stack_list_pending_invocations")).toMatchObject({
    items: [{ id }],
  });
});

test("sweeps the other rows when one cannot be ended", async () => {
  const { app, home, buyer, order, pass, sound } = await market();
  const [broken, fine] = [await order(), await order()];
  const raw = new Database(join(home, "stack.db"));
  raw.prepare("update holds set state = 'voided' where ref = ?").run(broken.id);
  raw.close();
  await pass(600_000);
  expect(await buyer.ok("stack_check_invocation", { invocation_id: fine.id })).toMatchObject({
    status: "expired",
  });
  expect((await app.services.wallet.findLedgerProblems()).join("\n")).toContain(broken.id);
  await expect(sound()).rejects.toThrow();
});

test("rejects a publisher's claim of sealed work", async () => {
  const { seller, buyer } = await market();
  const skill = await seller.ok<{ id: string }>(
    "stack_publish_skill",
    sealedScript("await new Promise(() => {});"),
  );
  const run = await buyer.ok<Invocation>("stack_invoke_skill", {
    skill_id: skill.id,
    input: {},
    wait_ms: 0,
  });
  expect((await seller.refused("stack_claim_invocation", { invocation_id: run.id })).code).toBe(
    "INVOCATION_NOT_OPEN",
  );
});

test("pages the queue, oldest first, and shows long inputs on claiming", async () => {
  const { seller, buyer, skillId } = await market();
  const ids = [];
  for (let i = 0; i < 5; i++) {
    const input = { text: i === 2 ? "x".repeat(5_000) : "short" };
    ids.push(
      (
        await buyer.ok<Invocation>("stack_invoke_skill", {
          skill_id: skillId,
          input,
          repeat: true,
          wait_ms: 0,
        })
      ).id,
    );
  }
  type Page = {
    items: { id: string; input?: unknown; input_chars: number }[];
    next_cursor?: string;
  };
  const first = await seller.ok<Page>("stack_list_pending_invocations", { limit: 3 });
  const second = await seller.ok<Page>("stack_list_pending_invocations", {
    limit: 3,
    cursor: first.next_cursor,
  });
  expect([...first.items, ...second.items].map((item) => item.id)).toEqual(ids);
  expect(second.next_cursor).toBeUndefined();
  expect(first.items[2]).toMatchObject({ input_chars: 5_011 });
  expect(first.items[2]).not.toHaveProperty("input");
});
