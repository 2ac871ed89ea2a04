import fc from "fast-check";
import { expect, test } from "vitest";
import { paidCents, splitSettlement } from "../../../../src/domain/money/money.ts";
import { splitPart } from "../../../../src/domain/runs/receipt.ts";
import { settledRun } from "../../../helpers/settled-runs.ts";

test("writes who was paid what", () => {
  const split = splitSettlement({
    priceCents: 25,
    plan: "free",
    computeMicroUsd: 100_000,
    reserveCents: 20,
    serviceCents: 11,
  });
  expect(splitPart(split)).toEqual({
    charged_cents: 50,
    price_cents: 25,
    compute_cents: 12,
    service_cents: 11,
    service_markup_cents: 2,
    publisher_cents: 17,
    commission_cents: 8,
    compute_recovery_cents: 10,
    compute_markup_cents: 2,
  });
});

test("writes nothing but zeros for what was not charged", () => {
  const part = splitPart(undefined);
  expect(Object.values(part)).toEqual(Array.from({ length: 9 }, () => 0));
});

test("lets a reader add up what was charged, from both sides", () => {
  fc.assert(
    fc.property(settledRun, (given) => {
      const split = splitSettlement(given);
      const part = splitPart(split);
      expect(part.charged_cents).toBe(paidCents(split));
      const bought = part.price_cents + part.compute_cents;
      const paid =
        part.publisher_cents +
        part.commission_cents +
        part.compute_recovery_cents +
        part.compute_markup_cents;
      expect(paid).toBe(bought);
      expect(bought + part.service_cents + part.service_markup_cents).toBe(part.charged_cents);
    }),
  );
});
