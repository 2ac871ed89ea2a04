import fc from "fast-check";
import { expect, test } from "vitest";
import {
  computeChargeCents,
  PLANS,
  paidCents,
  serviceMarkupCents,
  splitSettlement,
} from "../../../../src/domain/money/money.ts";
import { settledRun } from "../../../helpers/settled-runs.ts";

test("debits publisher + commission + compute, to the cent, for any price, plan and usage", () => {
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

test("books compute beyond the reserve as a loss, and that of a free skill as a gift", () => {
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

const RUN = { computeMicroUsd: 0, reserveCents: 0, serviceCents: 0 } as const;

test.each([
  [1, "free", 0],
  [2, "free", 1],
  [5, "free", 2],
  [2, "developer", 0],
  [3, "developer", 1],
  [3, "studio", 0],
  [4, "studio", 1],
  [10, "studio", 2],
  [4, "enterprise", 0],
  [5, "enterprise", 1],
  [14, "enterprise", 1],
  [15, "enterprise", 2],
  [0, "free", 0],
] as const)(
  "rounds half up: of %i cents on the %s plan %i are commission",
  (price, plan, cents) => {
    const split = splitSettlement({ ...RUN, priceCents: price, plan });
    expect(split.commissionCents).toBe(cents);
    expect(split.publisherCents).toBe(price - cents);
  },
);

test("divides a price of one cent without loss, all of it to the publisher", () => {
  for (const plan of PLANS)
    expect(splitSettlement({ ...RUN, priceCents: 1, plan })).toMatchObject({
      publisherCents: 1,
      commissionCents: 0,
    });
});

test("takes no more commission on a larger plan", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), (priceCents) => {
      const taken = PLANS.map((plan) => splitSettlement({ ...RUN, priceCents, plan })).map(
        (split) => split.commissionCents,
      );
      expect(taken).toEqual(taken.toSorted((a, b) => b - a));
    }),
  );
});

test.each([
  [0, 0],
  [1, 1],
  [8_695, 1],
  [8_696, 2],
  [17_391, 2],
  [17_392, 3],
  [10_000_000, 1_150],
])("charges %i micro-dollars of compute with %i cents", (microUsd, cents) => {
  expect(computeChargeCents(microUsd)).toBe(cents);
});

test("charges compute to the cent where floating point could lose one", () => {
  fc.assert(
    fc.property(fc.nat(10 ** 12), (microUsd) => {
      const exact = (BigInt(microUsd) * 115n + 999_999n) / 1_000_000n;
      expect(BigInt(computeChargeCents(microUsd))).toBe(exact);
    }),
  );
});

test.each([
  [0, 0],
  [1, 1],
  [6, 1],
  [7, 2],
  [20, 3],
  [100, 15],
])("takes on %i cents of calls %i for the platform", (serviceCents, markup) => {
  expect(serviceMarkupCents(serviceCents)).toBe(markup);
  const split = splitSettlement({ ...RUN, priceCents: 100, plan: "free", serviceCents });
  expect(split).toMatchObject({ serviceCents, serviceMarkupCents: markup });
  expect(paidCents(split)).toBe(100 + serviceCents + markup);
});

test.each([
  [7, { computeCents: 6, recoveryCents: 5, markupCents: 1, overrunCents: 0 }],
  [6, { computeCents: 6, recoveryCents: 5, markupCents: 1, overrunCents: 0 }],
  [5, { computeCents: 5, recoveryCents: 5, markupCents: 0, overrunCents: 0 }],
  [4, { computeCents: 4, recoveryCents: 4, markupCents: 0, overrunCents: 1 }],
  [0, { computeCents: 0, recoveryCents: 0, markupCents: 0, overrunCents: 5 }],
])(
  "caps compute of 5 cents at a reserve of %i: markup first, then a loss",
  (reserveCents, part) => {
    const run = { priceCents: 10, plan: "free", computeMicroUsd: 50_000, serviceCents: 0 } as const;
    expect(splitSettlement({ ...run, reserveCents })).toMatchObject({ ...part, absorbedCents: 0 });
  },
);

test("costs the buyer of a free skill nothing, whatever it computes", () => {
  fc.assert(
    fc.property(settledRun, (given) => {
      const split = splitSettlement({ ...given, priceCents: 0, serviceCents: 0 });
      expect(paidCents(split)).toBe(0);
      expect(split.absorbedCents).toBe(Math.ceil(given.computeMicroUsd / 10_000));
    }),
  );
});

test("recovers the whole cost of compute, from the buyer or from the platform", () => {
  fc.assert(
    fc.property(settledRun, (given) => {
      const { recoveryCents, overrunCents, absorbedCents } = splitSettlement(given);
      expect(recoveryCents + overrunCents + absorbedCents).toBe(
        Math.ceil(given.computeMicroUsd / 10_000),
      );
    }),
  );
});

test("never pays out more than is taken", () => {
  fc.assert(
    fc.property(settledRun, (given) => {
      const split = splitSettlement(given);
      const out =
        split.publisherCents +
        split.commissionCents +
        split.recoveryCents +
        split.markupCents +
        split.serviceCents +
        split.serviceMarkupCents;
      expect(out).toBe(paidCents(split));
    }),
  );
});

test("refuses a price that is no number", () => {
  expect(() => splitSettlement({ ...RUN, priceCents: Number.NaN, plan: "free" })).toThrow(
    "gives out what it takes in",
  );
});
