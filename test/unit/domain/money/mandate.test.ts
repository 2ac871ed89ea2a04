import fc from "fast-check";
import { expect, test } from "vitest";
import {
  leftOf,
  type Mandate,
  mandateProblems,
  needsApproval,
  totalExceeded,
} from "../../../../src/domain/money/mandate.ts";

const purchase = { skillId: "skl_a", publisherId: "op_a", holdCents: 100 };
const against = (mandate: Mandate, holdCents = 100) =>
  mandateProblems("pp_1", mandate, { ...purchase, holdCents });
const counters = (mandate: Mandate) => against(mandate).map(({ details }) => details?.counter);

test("has nothing against a purchase that no bound speaks of", () => {
  expect(against({})).toEqual([]);
  expect(against({ max_total_cents: 0, approve_over_cents: 0 })).toEqual([]);
});

test("allows a hold as large as the most for a call, and refuses the next cent", () => {
  expect(against({ max_per_call_cents: 100 }, 100)).toEqual([]);
  const [problem, ...others] = against({ max_per_call_cents: 100 }, 101);
  expect(others).toEqual([]);
  expect(problem).toMatchObject({
    code: "MANDATE_EXCEEDED",
    details: {
      field: "mandate.max_per_call_cents",
      counter: "max_per_call_cents",
      owner: "pp_1",
      limit_cents: 100,
      hold_cents: 101,
    },
  });
  expect(problem?.message).toBe(
    "The passport's mandate (max_per_call_cents) allows 100 cents a call, and the hold would be " +
      "101. Nothing was held. This limit would let it pass with 101. " +
      "Whoever issued the passport can issue one with more.",
  );
});

test("allows a free skill under a bound of nothing", () => {
  expect(against({ max_per_call_cents: 0 }, 0)).toEqual([]);
  expect(against({ max_per_call_cents: 0 }, 1)).toHaveLength(1);
});

test.each<[Mandate, string[]]>([
  [{ skills: ["skl_b", "skl_a"] }, []],
  [{ skills: ["skl_b"] }, ["skills"]],
  [{ skills: [] }, ["skills"]],
  [{ publishers: ["op_a"] }, []],
  [{ publishers: ["op_b"] }, ["publishers"]],
  [{ publishers: [] }, ["publishers"]],
  [{ skills: ["skl_a"], publishers: ["op_b"] }, ["publishers"]],
  [{ skills: ["op_a"], publishers: ["skl_a"] }, ["skills", "publishers"]],
  [
    { skills: [], publishers: [], max_per_call_cents: 99 },
    ["skills", "publishers", "max_per_call_cents"],
  ],
])("finds under %j the problems %j, all of them", (mandate, expected) => {
  expect(counters(mandate)).toEqual(expected);
});

test("names what a list lacks", () => {
  const [skill, publisher] = against({ skills: [], publishers: [] });
  expect(skill?.message).toContain("(skills) does not name this skill.");
  expect(skill?.message).toContain("let it pass with skl_a among them.");
  expect(publisher?.message).toContain("(publishers) does not name this skill's publisher.");
  expect(publisher?.message).toContain("let it pass with op_a among them.");
});

test("lets a purchase pass with the change that the refusal names", () => {
  const cents = fc.nat(1_000_000);
  fc.assert(
    fc.property(cents, cents, (most, hold) => {
      const [problem] = against({ max_per_call_cents: most }, hold);
      expect(problem === undefined).toBe(hold <= most);
      const named = Number(/pass with (\d+)/.exec(problem?.message ?? "pass with 1000000")?.[1]);
      expect(against({ max_per_call_cents: named }, hold)).toEqual([]);
    }),
  );
});

const total = { passportId: "pp_1", isOwn: true, limitCents: 500, spentCents: 450 };

test("tells how much of its own total a passport has left", () => {
  const problem = totalExceeded(total, 51);
  expect(problem.details).toEqual({
    field: "mandate.max_total_cents",
    counter: "max_total_cents",
    owner: "pp_1",
    limit_cents: 500,
    left_cents: 50,
    hold_cents: 51,
  });
  expect(problem.message).toContain(
    "(max_total_cents) allows 500 cents in all; 450 are held or charged, and the hold would be 51.",
  );
  expect(problem.message).toContain("let it pass with 501 in all.");
});

test("names the passport from which another came when its total is what is met", () => {
  const problem = totalExceeded({ ...total, passportId: "pp_root", isOwn: false }, 51);
  expect(problem.details?.owner).toBe("pp_root");
  expect(problem.message).toContain("of pp_root, which this one came from, allows 500 cents");
});

test("never tells that less than nothing is left", () => {
  expect(leftOf(100, 30, 80)).toEqual({ limit_cents: 100, left_cents: 70, hold_cents: 80 });
  expect(leftOf(100, 100, 1).left_cents).toBe(0);
  expect(leftOf(100, 130, 1).left_cents).toBe(0);
});

test.each<[Mandate | undefined, number, boolean]>([
  [undefined, 1_000_000, false],
  [{}, 1_000_000, false],
  [{ approve_over_cents: 100 }, 100, false],
  [{ approve_over_cents: 100 }, 101, true],
  [{ approve_over_cents: 0 }, 0, false],
  [{ approve_over_cents: 0 }, 1, true],
])("asks under the mandate %j for a hold of %i: %s", (mandate, holdCents, asked) => {
  expect(needsApproval(mandate, holdCents)).toBe(asked);
});
