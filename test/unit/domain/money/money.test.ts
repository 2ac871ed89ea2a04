import fc from "fast-check";
import { expect, test } from "vitest";
import { computeChargeCents, splitSettlement } from "../../../../src/domain/money/money.ts";
import { settledRun } from "../../../helpers/settled-runs.ts";

test("debits publisher + commission + compute, to the cent, for every price, plan and usage", () => {
  fc.assert(
    fc.property(settledRun, (given) => {
      const split = splitSettlement(given);
      expect(split.publisherCents + split.commissionCents).toBe(given.priceCents);
      expect(split.recoveryCents + split.markupCents).toBe(split.computeCents);
      expect(split.computeCents).toBeLessThanOrEqual(given.reserveCents);
      for (const cents of Object.values(split)) expect(cents).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("splits the guide's example: 25 cents on the free plan", () => {
  expect(
    splitSettlement({
      priceCents: 25,
      plan: "free",
      computeMicroUsd: 60,
      reserveCents: 2,
      serviceCents: 11,
    }),
  ).toEqual({
    priceCents: 25,
    computeCents: 1,
    commissionCents: 8,
    publisherCents: 17,
    recoveryCents: 1,
    markupCents: 0,
    serviceCents: 11,
    serviceMarkupCents: 2,
    overrunCents: 0,
    absorbedCents: 0,
  });
});

test.each([
  ["free", 30],
  ["developer", 20],
  ["studio", 15],
  ["enterprise", 10],
] as const)("takes of the %s plan %i %% commission", (plan, percent) => {
  const split = splitSettlement({
    priceCents: 1_000,
    plan,
    computeMicroUsd: 0,
    reserveCents: 0,
    serviceCents: 0,
  });
  expect(split.commissionCents).toBe(percent * 10);
});

test("charges compute at cost plus 15 %, rounded up to whole cents", () => {
  expect(computeChargeCents(0)).toBe(0);
  expect(computeChargeCents(1)).toBe(1);
  expect(computeChargeCents(10_000)).toBe(2);
  expect(computeChargeCents(1_000_000)).toBe(115);
});

test("books compute beyond the reserve as the platform's loss, and a free skill's as its gift", () => {
  const over = splitSettlement({
    priceCents: 10,
    plan: "free",
    computeMicroUsd: 50_000,
    reserveCents: 2,
    serviceCents: 0,
  });
  expect(over).toMatchObject({
    computeCents: 2,
    recoveryCents: 2,
    overrunCents: 3,
    absorbedCents: 0,
  });
  const free = splitSettlement({
    priceCents: 0,
    plan: "free",
    computeMicroUsd: 50_000,
    reserveCents: 0,
    serviceCents: 0,
  });
  expect(free).toMatchObject({
    computeCents: 0,
    absorbedCents: 5,
    overrunCents: 0,
    publisherCents: 0,
  });
});
