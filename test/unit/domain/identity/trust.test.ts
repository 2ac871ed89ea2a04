import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CLAIM_TYPES,
  claimFor,
  layerOf,
  satisfies,
  trustLevelOf,
} from "../../../../src/domain/identity/trust.ts";
import { TRUST_LEVELS } from "../../../../src/domain/market/skill.ts";

test("takes trust levels from claim types alone", () => {
  expect(trustLevelOf([])).toBe("L0");
  expect(trustLevelOf(["verified_human"])).toBe("L1");
  expect(trustLevelOf(["verified_human", "verified_identity"])).toBe("L2");
  expect(trustLevelOf(["constructor", "L2"])).toBe("L0");
  expect(satisfies("L2", "L1")).toBe(true);
  expect(satisfies("L0", "L1")).toBe(false);
});

test("reaches with an identity alone the level below it too", () => {
  expect(trustLevelOf(["verified_identity"])).toBe("L2");
  for (const required of TRUST_LEVELS)
    expect(satisfies(trustLevelOf(["verified_identity"]), required)).toBe(true);
});

test("orders the levels", () => {
  for (const [i, level] of TRUST_LEVELS.entries())
    for (const [j, required] of TRUST_LEVELS.entries())
      expect(satisfies(level, required)).toBe(i >= j);
});

test("gives no lower level for one claim more, in any order", () => {
  const claims = fc.array(fc.oneof(fc.constantFrom(...CLAIM_TYPES), fc.string()));
  fc.assert(
    fc.property(claims, fc.constantFrom(...CLAIM_TYPES), (types, more) => {
      const level = trustLevelOf(types);
      expect(satisfies(trustLevelOf([...types, more]), level)).toBe(true);
      expect(trustLevelOf(types.toReversed())).toBe(level);
    }),
  );
});

test("names the claim that lifts a caller to a level", () => {
  expect(claimFor("L1")).toBe("verified_human");
  expect(claimFor("L2")).toBe("verified_identity");
  for (const level of ["L1", "L2"] as const) expect(trustLevelOf([claimFor(level)])).toBe(level);
});

test("puts a claim in its layer", () => {
  expect(layerOf("verified_human")).toBe("humanity");
  expect(layerOf("verified_identity")).toBe("identity");
});
