import { expect, test } from "vitest";
import { satisfies, trustLevelOf } from "../../../../src/domain/identity/trust.ts";

test("takes trust levels from claim types alone", () => {
  expect(trustLevelOf([])).toBe("L0");
  expect(trustLevelOf(["verified_human"])).toBe("L1");
  expect(trustLevelOf(["verified_human", "verified_identity"])).toBe("L2");
  expect(trustLevelOf(["constructor", "L2"])).toBe("L0");
  expect(satisfies("L2", "L1")).toBe(true);
  expect(satisfies("L0", "L1")).toBe(false);
});
