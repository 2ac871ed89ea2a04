import { expect, test } from "vitest";
import {
  ACCOUNTABILITY_MODES,
  type AccountabilityMode,
  isLaxer,
  needsIntent,
} from "../../../../src/domain/identity/agent.ts";

test.each<[AccountabilityMode, AccountabilityMode, boolean]>([
  ["logged", "enforced", true],
  ["standard", "enforced", true],
  ["standard", "logged", true],
  ["enforced", "logged", false],
  ["enforced", "standard", false],
  ["logged", "standard", false],
])("takes %s for laxer than %s: %s", (mode, than, laxer) => {
  expect(isLaxer(mode, than)).toBe(laxer);
});

test("takes no mode for laxer than itself", () => {
  for (const mode of ACCOUNTABILITY_MODES) expect(isLaxer(mode, mode)).toBe(false);
});

test.each<[AccountabilityMode, boolean]>([
  ["enforced", true],
  ["logged", true],
  ["standard", false],
])("asks an agent in the mode %s to say why beforehand: %s", (mode, needed) => {
  expect(needsIntent(mode)).toBe(needed);
});
