import { expect, test } from "vitest";
import { nextVersion } from "../../../../src/domain/market/next-version.ts";

test.each([
  ["1.2.3", undefined, false, "1.2.3"],
  ["1.2.3", "1.2.3", false, "1.2.3"],
  ["1.2.3", undefined, true, "1.2.4"],
  ["1.2.3", "1.3.0", true, "1.3.0"],
  ["1.2.3", "2.0.0", false, "2.0.0"],
  ["1.9.0", "1.10.0", true, "1.10.0"],
] as const)("follows %s, asked for %s, changed: %s, by %s", (current, asked, changed, next) => {
  expect(nextVersion(current, asked, changed)).toBe(next);
});

test.each([
  ["1.2.3", "1.2.3", "exists with other content"],
  ["1.2.3", "1.2.2", "must be higher"],
  ["1.10.0", "1.9.0", "must be higher"],
  [`1.0.${Number.MAX_SAFE_INTEGER}`, undefined, "no patch after"],
] as const)("rejects changed content of %s as %s", (current, asked, why) => {
  expect(() => nextVersion(current, asked, true)).toThrow(
    expect.objectContaining({ code: "VERSION_CONFLICT", message: expect.stringContaining(why) }),
  );
});
