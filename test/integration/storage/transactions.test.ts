import { expect, test } from "vitest";
import type { IdempotencyKey } from "../../../storage/repositories/idempotency.ts";
import { openTestApp } from "../../helpers/app.ts";
import { openSkill } from "../../helpers/skills.ts";

async function world() {
  const { app, createOperator } = await openTestApp({ start: false });
  const [ann, bob] = [await createOperator("ann"), await createOperator("bob")];
  const { store, services } = app;
  const head = async (operatorId: string) =>
    (await store.read((r) => r.audit.query({ operatorId, limit: 1 })))[0]?.seq;
  return { store, services, ann: ann.id, bob: bob.id, head };
}

const granted = (operatorId: string) =>
  ({
    operatorId,
    action: "wallet.grant",
    outcome: "success",
    details: { amount_cents: 5 },
  }) as const;

test("undoes a transaction that audits an operator that it did not name", async () => {
  const { store, ann, bob, head } = await world();
  const before = [await head(ann), await head(bob)];
  const work = store.transact([ann], async (t) => {
    await t.audit.append(granted(ann));
    await t.audit.append(granted(bob));
  });
  await expect(work).rejects.toThrow(`a transaction that decides for ${bob} names it as a gate`);
  expect([await head(ann), await head(bob)]).toEqual(before);
});

test("moves no money of an operator that the transaction did not name", async () => {
  const { store, services, ann, bob } = await world();
  const balance = async () => (await store.read((r) => r.ledger.balanceOf(bob))).balanceCents;
  const before = await balance();
  const grant = { kind: "grant", ref: "ltx_x", operatorId: bob, amountCents: 5 } as const;
  await expect(store.transact([ann], (t) => t.ledger.record(grant))).rejects.toThrow(
    "names it as a gate",
  );
  expect(await balance()).toBe(before);
  await store.transact([bob], (t) => t.ledger.record(grant, granted(bob)));
  expect(await balance()).toBe(before + 5);
  expect(await services.wallet.findLedgerProblems()).toEqual([]);
});

test("changes no invocation whose buyer the transaction did not name", async () => {
  const { app, createOperator } = await openTestApp({ start: false });
  const [seller, buyer] = [await createOperator("seller"), await createOperator("buyer")];
  const skill = await seller.ok<{ id: string }>("stack_publish_skill", openSkill());
  const { id } = await buyer.ok<{ id: string }>("stack_invoke_skill", {
    skill_id: skill.id,
    input: {},
    wait_ms: 0,
  });
  const change = (gates: string[]) =>
    app.store.transact(gates, (t) =>
      t.invocations.update(id, { status: "pending" }, { progress: 5 }),
    );
  await expect(change([seller.id])).rejects.toThrow("names it as a gate");
  expect(await app.store.read((r) => r.invocations.find(id))).toMatchObject({ progress: null });
  expect(await change([buyer.id])).toMatchObject({ progress: 5 });
});

test("runs commit hooks once, in order, after the commit and only then", async () => {
  const { store, ann } = await world();
  const seen: string[] = [];
  const mark = store.changes.mark();
  await store.transact([ann], async (t) => {
    t.onCommit(() => seen.push("first"));
    await t.audit.append(granted(ann));
    t.onCommit(() =>
      seen.push(store.changes.mark() > mark ? "second, after the commit" : "second, before it"),
    );
  });
  expect(seen).toEqual(["first", "second, after the commit"]);
  const undone = store.transact([ann], async (t) => {
    t.onCommit(() => seen.push("never"));
    throw new Error("no");
  });
  await expect(undone).rejects.toThrow("no");
  expect(seen).toHaveLength(2);
});

test("does work under a key once, and rejects another request under that key", async () => {
  const { store, ann, bob, head } = await world();
  const key: IdempotencyKey = { operatorId: ann, operation: "op", key: "k", requestDigest: "a" };
  let made = 0;
  const once = (by: IdempotencyKey | undefined) =>
    store.transactOnce([ann], by, async (t) => {
      await t.audit.append(granted(ann));
      return `id-${made}`;
    });
  const before = (await head(ann)) ?? 0;
  made = 1;
  expect(await once(key)).toBe("id-1");
  made = 2;
  expect(await once(key)).toBe("id-1");
  expect(await head(ann)).toBe(before + 1);
  expect(await once(undefined)).toBe("id-2");
  expect(await once(undefined)).toBe("id-2");
  expect(await head(ann)).toBe(before + 3);
  await expect(once({ ...key, requestDigest: "b" })).rejects.toMatchObject({
    code: "IDEMPOTENCY_CONFLICT",
  });
  const foreign = store.transactOnce([bob], { ...key, key: "other" }, async () => "id");
  await expect(foreign).rejects.toThrow("names it as a gate");
});

test("releases a lapsed lease only for whoever holds it now", async () => {
  const { store } = await world();
  const take = (owner: string, now: number) =>
    store.transact([], (t) => t.leases.take("x", owner, now, now + 10));
  const release = (owner: string) => store.transact([], (t) => t.leases.release("x", owner));
  expect(await take("slow", 0)).toBe(true);
  expect(await take("quick", 5)).toBe(false);
  expect(await take("quick", 10)).toBe(true);
  await release("slow");
  expect(await take("third", 15)).toBe(false);
  await release("quick");
  expect(await take("third", 15)).toBe(true);
});
