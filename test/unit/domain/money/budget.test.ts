import fc from "fast-check";
import { expect, test } from "vitest";
import {
  alarmPercent,
  type Budget,
  budgetProblems,
  countsOf,
  periodsOf,
} from "../../../../src/domain/money/budget.ts";
import { LIMITS } from "../../../../src/shared/limits.ts";

const at = (time: string) => Date.parse(time);
const anyTime = fc.integer({ min: 0, max: LIMITS.latestMs });
const NOW = at("2026-11-27T14:30:00.000Z");
const NOTHING = { dayCents: 0, monthCents: 0 };
const BOTH: Budget = { per_day_cents: 100, per_month_cents: 1_000 };

test.each([
  ["2026-11-27T00:00:00.000Z", "2026-11-27", "2026-11"],
  ["2026-11-27T23:59:59.999Z", "2026-11-27", "2026-11"],
  ["2026-11-30T23:59:59.999Z", "2026-11-30", "2026-11"],
  ["2026-12-01T00:00:00.000Z", "2026-12-01", "2026-12"],
  ["2026-12-31T23:59:59.999Z", "2026-12-31", "2026-12"],
  ["2027-01-01T00:00:00.000Z", "2027-01-01", "2027-01"],
  ["2028-02-29T12:00:00.000Z", "2028-02-29", "2028-02"],
  ["2026-11-27T23:30:00.000-02:00", "2026-11-28", "2026-11"],
])("counts %s to the UTC day %s and the month %s", (time, day, month) => {
  expect(periodsOf(at(time))).toEqual({ day, month });
});

test.each([
  ["2026-11-27T14:30:00.000Z", "2026-11-28", "2026-12-01"],
  ["2026-11-30T23:59:59.999Z", "2026-12-01", "2026-12-01"],
  ["2026-12-31T00:00:00.000Z", "2027-01-01", "2027-01-01"],
  ["2027-02-28T00:00:00.000Z", "2027-03-01", "2027-03-01"],
  ["2028-02-28T00:00:00.000Z", "2028-02-29", "2028-03-01"],
])("begins anew after %s: the day on %s, the month on %s", (time, day, month) => {
  const backAt = countsOf(BOTH, NOTHING, at(time)).map((count) => count.backAt);
  expect(backAt).toEqual([at(`${day}T00:00:00.000Z`), at(`${month}T00:00:00.000Z`)]);
});

test("begins a count anew at the first moment of another period, and not before", () => {
  fc.assert(
    fc.property(anyTime, (now) => {
      const [day, month] = countsOf(BOTH, NOTHING, now);
      if (!day || !month) throw new Error("both bounds are set");
      expect(periodsOf(day.backAt - 1).day).toBe(day.period);
      expect(periodsOf(day.backAt).day).not.toBe(day.period);
      expect(periodsOf(month.backAt - 1).month).toBe(month.period);
      expect(periodsOf(month.backAt).month).not.toBe(month.period);
    }),
  );
});

test("counts only against the bounds that are set, the day's first", () => {
  const spending = { dayCents: 7, monthCents: 30 };
  const day = { counter: "per_day_cents", period: "2026-11-27", limitCents: 100, spentCents: 7 };
  const month = { counter: "per_month_cents", period: "2026-11", limitCents: 0, spentCents: 30 };
  expect(countsOf({}, spending, NOW)).toEqual([]);
  expect(countsOf({ per_day_cents: 100 }, spending, NOW)).toMatchObject([day]);
  expect(countsOf({ per_month_cents: 0 }, spending, NOW)).toMatchObject([month]);
  const both = { per_month_cents: 0, per_day_cents: 100 };
  expect(countsOf(both, spending, NOW)).toMatchObject([day, month]);
});

const purchase = { skillId: "skl_a", publisherId: "op_b", holdCents: 40 };
const problems = (budget: Budget, dayCents: number, monthCents = dayCents, holdCents = 40) =>
  budgetProblems(
    { agentId: "agt_1", budget },
    { dayCents, monthCents },
    { ...purchase, holdCents },
    NOW,
  );

test("allows a hold that fills a budget, and refuses the next cent", () => {
  expect(problems({ per_day_cents: 100 }, 60)).toEqual([]);
  expect(problems({ per_day_cents: 100 }, 61)).toHaveLength(1);
  expect(problems({ per_month_cents: 100 }, 0, 60)).toEqual([]);
  expect(problems({ per_month_cents: 100 }, 0, 61)).toHaveLength(1);
  expect(problems({}, 1_000_000)).toEqual([]);
});

test("says when a day that is used up begins anew", () => {
  const [problem] = problems({ per_day_cents: 100 }, 61);
  expect(problem).toMatchObject({
    code: "MANDATE_EXCEEDED",
    details: {
      field: "budget.per_day_cents",
      counter: "per_day_cents",
      owner: "agt_1",
      limit_cents: 100,
      left_cents: 39,
      hold_cents: 40,
      back_at: "2026-11-28T00:00:00.000Z",
    },
  });
  expect(problem?.message).toBe(
    "The budget of agent agt_1 (per_day_cents) allows 100 cents a day; 61 are held or charged, " +
      "and the hold would be 40. Nothing was held. This limit would let it pass with 101 a day, " +
      "or from 2026-11-28T00:00:00.000Z on. " +
      "Its operator changes it with stack_update_agent (budget).",
  );
});

test("says when a month that is used up begins anew", () => {
  const [problem] = problems({ per_month_cents: 100 }, 0, 100);
  expect(problem?.message).toContain("allows 100 cents a month; 100 are held or charged");
  expect(problem?.details).toMatchObject({ left_cents: 0, back_at: "2026-12-01T00:00:00.000Z" });
});

test("promises no better day for a hold above the whole budget", () => {
  expect(problems({ per_day_cents: 40 }, 1)[0]?.details).toHaveProperty("back_at");
  const [problem] = problems({ per_day_cents: 39 }, 0);
  expect(problem?.details).not.toHaveProperty("back_at");
  expect(problem?.message).toContain("let it pass with 40 a day. Its operator");
});

test("tells of every bound that a purchase breaks", () => {
  const budget = { skills: [], publishers: ["op_a"], per_day_cents: 39, per_month_cents: 39 };
  expect(problems(budget, 0).map(({ details }) => details?.field)).toEqual([
    "budget.skills",
    "budget.publishers",
    "budget.per_day_cents",
    "budget.per_month_cents",
  ]);
});

test("lets a purchase pass with the smallest budget that the refusal names", () => {
  const cents = fc.nat(100_000);
  fc.assert(
    fc.property(cents, cents, cents, (limit, spent, hold) => {
      const refused = problems({ per_day_cents: limit }, spent, spent, hold).length > 0;
      expect(refused).toBe(spent + hold > limit);
      if (!refused) return;
      expect(problems({ per_day_cents: spent + hold }, spent, spent, hold)).toEqual([]);
      if (spent + hold > 0)
        expect(problems({ per_day_cents: spent + hold - 1 }, spent, spent, hold)).toHaveLength(1);
    }),
  );
});

test.each([
  [100, 0, 0],
  [100, 49, 0],
  [100, 50, 50],
  [100, 79, 50],
  [100, 80, 80],
  [100, 99, 80],
  [100, 100, 100],
  [100, 101, 100],
  [3, 1, 0],
  [3, 2, 50],
  [3, 3, 100],
  [1, 1, 100],
  [0, 0, 0],
  [0, 5, 0],
])("warns of a budget of %i with %i spent at %i %%", (limitCents, spentCents, percent) => {
  const [count] = countsOf(
    { per_day_cents: limitCents },
    { ...NOTHING, dayCents: spentCents },
    NOW,
  );
  expect(count && alarmPercent(count)).toBe(percent);
});
