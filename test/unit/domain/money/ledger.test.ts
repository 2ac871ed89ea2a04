import fc from "fast-check";
import { expect, test } from "vitest";
import { type Movement, type Posting, postingsOf } from "../../../../src/domain/money/ledger.ts";
import { paidCents, splitSettlement } from "../../../../src/domain/money/money.ts";
import { settledRun } from "../../../helpers/settled-runs.ts";

const settle = { kind: "settle", ref: "x", operatorId: "op_a", publisherId: "op_b" } as const;

const ids = fc.constantFrom("op_a", "op_b");
const amountCents = fc.integer({ min: 0, max: 1_000_000_000 });
const ref = fc.constant("x");

const movement: fc.Arbitrary<Movement> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("grant" as const, "hold" as const, "subscribe" as const),
    ref,
    operatorId: ids,
    amountCents,
  }),
  fc.record({
    kind: fc.constantFrom(
      "topup" as const,
      "topup_cleared" as const,
      "refund" as const,
      "refund_cleared" as const,
    ),
    ref,
    operatorId: ids,
    processor: fc.constantFrom("local", "stripe"),
    amountCents,
  }),
  fc.record({
    kind: fc.constantFrom("payout" as const, "payout_paid" as const),
    ref,
    publisherId: ids,
    amountCents,
  }),
  fc.record({
    kind: fc.constant("settle" as const),
    ref,
    operatorId: ids,
    publisherId: ids,
    split: settledRun.map(splitSettlement),
  }),
  fc.record({ kind: fc.constant("void" as const), ref }),
);

function balancesAfter(movements: readonly Movement[]): Record<string, number> {
  const balances: Record<string, number> = {};
  for (const { account, amountCents } of movements.flatMap(postingsOf))
    balances[account] = (balances[account] ?? 0) + amountCents;
  return balances;
}

const byAccount = (postings: readonly Posting[]) =>
  Object.fromEntries(postings.map(({ account, amountCents }) => [account, amountCents]));

test("balances the postings of every settlement, with one line an account", () => {
  fc.assert(
    fc.property(settledRun, ids, ids, (given, operatorId, publisherId) => {
      const split = splitSettlement(given);
      const movement: Movement = { kind: "settle", ref: "x", operatorId, publisherId, split };
      const postings = postingsOf(movement);
      expect(postings.reduce((sum, posting) => sum + posting.amountCents, 0)).toBe(0);
      expect(new Set(postings.map((posting) => posting.account)).size).toBe(postings.length);
    }),
  );
});

test("balances the postings of every movement, with one line an account and none of zero", () => {
  fc.assert(
    fc.property(movement, (given) => {
      const postings = postingsOf(given);
      expect(postings.reduce((sum, posting) => sum + posting.amountCents, 0)).toBe(0);
      expect(new Set(postings.map((posting) => posting.account)).size).toBe(postings.length);
      expect(postings.filter((posting) => posting.amountCents === 0)).toEqual([]);
    }),
  );
});

const wallet = { ref: "x", operatorId: "op_a", amountCents: 700 } as const;
const processed = { ...wallet, processor: "stripe" } as const;
const earned = { ref: "x", publisherId: "op_b", amountCents: 700 } as const;

test.each<[Movement, string, string]>([
  [{ kind: "grant", ...wallet }, "platform:grants", "wallet:op_a"],
  [{ kind: "topup", ...processed }, "clearing:stripe", "wallet:op_a"],
  [{ kind: "topup_cleared", ...processed }, "bank:operating", "clearing:stripe"],
  [{ kind: "refund", ...processed }, "wallet:op_a", "clearing:stripe"],
  [{ kind: "refund_cleared", ...processed }, "clearing:stripe", "bank:operating"],
  [{ kind: "subscribe", ...wallet }, "wallet:op_a", "platform:subscriptions"],
  [{ kind: "payout", ...earned }, "earnings:op_b", "payout:op_b:in_transit"],
  [{ kind: "payout_paid", ...earned }, "payout:op_b:in_transit", "bank:operating"],
])("moves the whole amount of $kind from one account to another", (given, from, to) => {
  expect(postingsOf(given)).toEqual([
    { account: from, amountCents: -700 },
    { account: to, amountCents: 700 },
  ]);
});

test.each<Movement>([
  { kind: "hold", ...wallet },
  { kind: "void", ref: "x" },
  { kind: "grant", ...wallet, amountCents: 0 },
])("moves nothing for $kind of $amountCents", (given) => {
  expect(postingsOf(given)).toEqual([]);
});

test("pays publisher and platform out of the buyer's wallet", () => {
  const split = splitSettlement({
    priceCents: 25,
    plan: "free",
    computeMicroUsd: 100_000,
    reserveCents: 20,
    serviceCents: 11,
  });
  expect(byAccount(postingsOf({ ...settle, split }))).toEqual({
    "wallet:op_a": -(25 + 12 + 11 + 2),
    "earnings:op_b": 17 + 11,
    "platform:commission": 8,
    "platform:compute_recovery": 10,
    "platform:compute_markup": 2,
    "platform:service_markup": 2,
  });
});

test("books compute beyond the reserve against the platform", () => {
  const split = splitSettlement({
    priceCents: 10,
    plan: "free",
    computeMicroUsd: 50_000,
    reserveCents: 2,
    serviceCents: 0,
  });
  expect(byAccount(postingsOf({ ...settle, split }))).toEqual({
    "wallet:op_a": -12,
    "earnings:op_b": 7,
    "platform:commission": 3,
    "platform:compute_recovery": 5,
    "platform:compute_overrun": -3,
  });
});

test("takes nothing from a wallet for a free skill", () => {
  const split = splitSettlement({
    priceCents: 0,
    plan: "free",
    computeMicroUsd: 50_000,
    reserveCents: 0,
    serviceCents: 0,
  });
  expect(byAccount(postingsOf({ ...settle, split }))).toEqual({
    "platform:compute_recovery": 5,
    "platform:free_compute": -5,
  });
});

test("keeps wallet and earnings apart for an operator that runs its own skill", () => {
  const run = { computeMicroUsd: 0, reserveCents: 0, serviceCents: 0 };
  const split = splitSettlement({ priceCents: 100, plan: "free", ...run });
  expect(byAccount(postingsOf({ ...settle, publisherId: "op_a", split }))).toEqual({
    "wallet:op_a": -100,
    "earnings:op_a": 70,
    "platform:commission": 30,
  });
});

test("takes from the wallet exactly what the split says is paid", () => {
  fc.assert(
    fc.property(settledRun, (given) => {
      const split = splitSettlement(given);
      const taken = byAccount(postingsOf({ ...settle, split }))["wallet:op_a"] ?? 0;
      expect(taken + paidCents(split)).toBe(0);
    }),
  );
});

test("leaves nothing in clearing or in transit once the money has arrived", () => {
  const there = balancesAfter([
    { kind: "topup", ...processed },
    { kind: "topup_cleared", ...processed },
    { kind: "refund", ...processed, amountCents: 200 },
    { kind: "refund_cleared", ...processed, amountCents: 200 },
    { kind: "payout", ...earned },
    { kind: "payout_paid", ...earned },
  ]);
  expect(there).toEqual({
    "wallet:op_a": 500,
    "clearing:stripe": 0,
    "earnings:op_b": -700,
    "payout:op_b:in_transit": 0,
    "bank:operating": -500 + 700,
  });
});

test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1])(
  "refuses an amount of %d cents",
  (amountCents) => {
    expect(() => postingsOf({ kind: "grant", ...wallet, amountCents })).toThrow("whole cents");
  },
);

test("takes the largest amount that is exact", () => {
  const largest = { kind: "grant", ...wallet, amountCents: Number.MAX_SAFE_INTEGER } as const;
  expect(byAccount(postingsOf(largest))["wallet:op_a"]).toBe(9_007_199_254_740_991);
});

test.each([
  "priceCents",
  "computeCents",
  "commissionCents",
  "publisherCents",
  "recoveryCents",
  "markupCents",
] as const)("refuses a split that does not balance in %s", (field) => {
  fc.assert(
    fc.property(settledRun, (given) => {
      const split = splitSettlement(given);
      const wrong = { ...split, [field]: split[field] + 1 };
      expect(() => postingsOf({ ...settle, split: wrong })).toThrow("sum to zero");
    }),
  );
});
