import fc from "fast-check";
import { PLANS } from "../../src/domain/money/money.ts";

/** Any run that is settled, as `splitSettlement` takes it. */
export const settledRun = fc.record({
  priceCents: fc.integer({ min: 0, max: 1_000_000 }),
  plan: fc.constantFrom(...PLANS),
  computeMicroUsd: fc.integer({ min: 0, max: 1_000_000_000 }),
  reserveCents: fc.integer({ min: 0, max: 100_000 }),
  serviceCents: fc.integer({ min: 0, max: 100_000 }),
});
