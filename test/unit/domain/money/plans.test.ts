import fc from "fast-check";
import { expect, test } from "vitest";
import { PLANS } from "../../../../src/domain/money/money.ts";
import { isUpgrade, periodEndAfter, unusedCents } from "../../../../src/domain/money/plans.ts";

const at = (time: string) => Date.parse(time);
const DAY_MS = 86_400_000;

test.each([
  ["free", "developer", true],
  ["developer", "studio", true],
  ["studio", "enterprise", true],
  ["free", "enterprise", true],
  ["developer", "free", false],
  ["enterprise", "studio", false],
  ["studio", "studio", false],
] as const)("takes the way from %s to %s for an upgrade: %s", (from, to, upgrade) => {
  expect(isUpgrade(from, to)).toBe(upgrade);
});

test("lets one of two different plans be the upgrade of the other, and never both", () => {
  for (const from of PLANS)
    for (const to of PLANS)
      expect([isUpgrade(from, to), isUpgrade(to, from)].filter(Boolean)).toHaveLength(
        from === to ? 0 : 1,
      );
});

test.each([
  ["2026-01-15T10:20:30.456Z", "2026-01-15T10:20:30.456Z", "2026-02-15T10:20:30.456Z"],
  ["2026-01-15T10:20:30.456Z", "2026-02-15T10:20:30.455Z", "2026-02-15T10:20:30.456Z"],
  ["2026-01-15T10:20:30.456Z", "2026-02-15T10:20:30.456Z", "2026-03-15T10:20:30.456Z"],
  ["2026-01-31T00:00:00.000Z", "2026-01-31T00:00:00.000Z", "2026-02-28T00:00:00.000Z"],
  ["2026-01-31T00:00:00.000Z", "2026-02-28T00:00:00.000Z", "2026-03-31T00:00:00.000Z"],
  ["2026-01-31T00:00:00.000Z", "2026-03-31T00:00:00.000Z", "2026-04-30T00:00:00.000Z"],
  ["2028-01-31T00:00:00.000Z", "2028-01-31T00:00:00.000Z", "2028-02-29T00:00:00.000Z"],
  ["2028-02-29T00:00:00.000Z", "2029-01-29T00:00:00.000Z", "2029-02-28T00:00:00.000Z"],
  ["2026-12-31T23:59:59.999Z", "2026-12-31T23:59:59.999Z", "2027-01-31T23:59:59.999Z"],
  ["2026-01-15T00:00:00.000Z", "2028-07-01T00:00:00.000Z", "2028-07-15T00:00:00.000Z"],
  ["2026-01-15T00:00:00.000Z", "2025-01-01T00:00:00.000Z", "2026-02-15T00:00:00.000Z"],
])("ends the month that began on %s, after %s, on %s", (anchor, after, end) => {
  expect(new Date(periodEndAfter(at(anchor), at(after))).toISOString()).toBe(end);
});

test("ends each month within 31 days of the last, on the anchor's day or the month's last", () => {
  const anchors = fc.integer({ min: at("2020-01-01"), max: at("2040-01-01") });
  fc.assert(
    fc.property(anchors, fc.nat(1_000 * DAY_MS), (anchor, later) => {
      const after = anchor + later;
      const end = periodEndAfter(anchor, after);
      expect(end).toBeGreaterThan(after);
      expect(end - after).toBeLessThanOrEqual(31 * DAY_MS);
      expect(end % DAY_MS).toBe(anchor % DAY_MS);
      const [day, anchorDay] = [new Date(end).getUTCDate(), new Date(anchor).getUTCDate()];
      const isLastOfMonth = new Date(end + DAY_MS).getUTCDate() === 1;
      expect(day === anchorDay || (day < anchorDay && isLastOfMonth)).toBe(true);
    }),
  );
});

const MONTH = { start: at("2026-11-01"), end: at("2026-12-01") };

test.each([
  ["2026-11-01T00:00:00.000Z", 900],
  ["2026-11-11T00:00:00.000Z", 600],
  ["2026-11-16T00:00:00.000Z", 450],
  ["2026-11-16T00:00:00.001Z", 449],
  ["2026-11-30T23:59:59.999Z", 0],
  ["2026-12-01T00:00:00.000Z", 0],
  ["2026-12-20T00:00:00.000Z", 0],
  ["2026-10-20T00:00:00.000Z", 900],
])("leaves at %s of 900 cents for November %i unused", (now, cents) => {
  expect(unusedCents(900, MONTH, at(now))).toBe(cents);
});

test("loses no cent to a fraction: 187,200,000 of 2,592,000,000 ms of 9,900 cents are 715", () => {
  const month = { start: Date.UTC(2026, 10, 1), end: Date.UTC(2026, 11, 1) };
  expect(unusedCents(9_900, month, month.end - 187_200_000)).toBe(715);
});

test("leaves less of a month the longer it lasts, and never more than was paid", () => {
  const moment = fc.integer({ min: MONTH.start - DAY_MS, max: MONTH.end + DAY_MS });
  fc.assert(
    fc.property(fc.nat(1_000_000), moment, moment, (paid, one, other) => {
      const [early, late] = [Math.min(one, other), Math.max(one, other)];
      const [before, after] = [unusedCents(paid, MONTH, early), unusedCents(paid, MONTH, late)];
      expect(before).toBeGreaterThanOrEqual(after);
      expect(before).toBeLessThanOrEqual(paid);
      expect(after).toBeGreaterThanOrEqual(0);
      expect(Number.isInteger(before)).toBe(true);
    }),
  );
});
