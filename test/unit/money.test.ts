import fc from "fast-check";
import { expect, test } from "vitest";
import type { PlannedStep } from "../../src/domain/market/skill.ts";
import { type Movement, postingsOf } from "../../src/domain/money/ledger.ts";
import { computeChargeCents, PLANS, splitSettlement } from "../../src/domain/money/money.ts";
import { costMicroUsd, promptCeilings, reserveCents } from "../../src/domain/runs/metering.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import prices from "../../storage/seed/prices.json" with { type: "json" };

const run = fc.record({
  priceCents: fc.integer({ min: 0, max: 1_000_000 }),
  plan: fc.constantFrom(...PLANS),
  computeMicroUsd: fc.integer({ min: 0, max: 1_000_000_000 }),
  reserveCents: fc.integer({ min: 0, max: 100_000 }),
  serviceCents: fc.integer({ min: 0, max: 100_000 }),
});

test("debit = publisher + commission + compute, to the cent, for every price, plan and usage", () => {
  fc.assert(
    fc.property(run, (given) => {
      const split = splitSettlement(given);
      expect(split.publisherCents + split.commissionCents).toBe(given.priceCents);
      expect(split.recoveryCents + split.markupCents).toBe(split.computeCents);
      expect(split.computeCents).toBeLessThanOrEqual(given.reserveCents);
      for (const cents of Object.values(split)) expect(cents).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("the postings of every movement sum to zero, with one line an account", () => {
  const ids = fc.constantFrom("op_a", "op_b");
  fc.assert(
    fc.property(run, ids, ids, (given, operatorId, publisherId) => {
      const split = splitSettlement(given);
      const movement: Movement = { kind: "settle", ref: "x", operatorId, publisherId, split };
      const postings = postingsOf(movement);
      expect(postings.reduce((sum, posting) => sum + posting.amountCents, 0)).toBe(0);
      expect(new Set(postings.map((posting) => posting.account)).size).toBe(postings.length);
    }),
  );
});

test("the guide's example: 25 cents on the free plan", () => {
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
] as const)("the %s plan pays %i %% commission", (plan, percent) => {
  const split = splitSettlement({
    priceCents: 1_000,
    plan,
    computeMicroUsd: 0,
    reserveCents: 0,
    serviceCents: 0,
  });
  expect(split.commissionCents).toBe(percent * 10);
});

test("compute is cost plus 15 %, rounded up to whole cents", () => {
  expect(computeChargeCents(0)).toBe(0);
  expect(computeChargeCents(1)).toBe(1);
  expect(computeChargeCents(10_000)).toBe(2);
  expect(computeChargeCents(1_000_000)).toBe(115);
});

test("compute beyond the reserve is the platform's loss, and a free skill's compute its gift", () => {
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

const llm = {
  type: "llm",
  model: "openai/gpt-4o-mini",
  max_tokens: 1_000,
  prompt_chars: 300,
  input_references: 2,
  prev_references: 0,
} as const satisfies PlannedStep;

test("the reserve covers what the pipeline can use at the most", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100_000 }),
      fc.integer({ min: 0, max: 1_000 }),
      (inputChars, outputTokens) => {
        const inputTokens = Math.min(2 * inputChars + 300, LIMITS.renderedPromptChars);
        const used = costMicroUsd(
          [{ type: "llm", model: llm.model, inputTokens, outputTokens, ownKey: false }],
          prices,
        );
        expect(computeChargeCents(used)).toBeLessThanOrEqual(
          reserveCents({ pipeline: [llm], inputChars, ownKeys: [] }, prices),
        );
      },
    ),
  );
});

test("a model that the price list does not name costs the default", () => {
  const usage = { type: "llm", inputTokens: 1_000_000, outputTokens: 0, ownKey: false } as const;
  expect(costMicroUsd([{ ...usage, model: "acme/unknown" }], prices)).toBe(10_000_000);
  expect(costMicroUsd([{ ...usage, model: "toString" }], prices)).toBe(10_000_000);
});

test("a prompt's ceiling counts every reference, and what a script or a model hands on", () => {
  const script = { type: "script", runtime: "javascript", lines: 1 } as const;
  const after = { ...llm, input_references: 0, prev_references: 3, prompt_chars: 10 };
  expect(promptCeilings([llm], 1_000)).toEqual([2_300]);
  expect(promptCeilings([script, after], 50)).toEqual([0, 10 + 3 * LIMITS.scriptToPromptChars]);
  expect(promptCeilings([llm, after], 50)).toEqual([400, 10 + 3 * 8_000]);
  expect(promptCeilings([{ ...llm, input_references: 5_000 }], 1_000)).toEqual([
    LIMITS.renderedPromptChars,
  ]);
});
