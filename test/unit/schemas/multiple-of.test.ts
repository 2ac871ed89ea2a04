import fc from "fast-check";
import { expect, test } from "vitest";
import { compileSchema } from "../../../src/schemas/compile.ts";
import { isMultipleOf } from "../../../src/schemas/multiple-of.ts";

test.each([
  [19.99, 0.01],
  [4.35, 0.01],
  [1234567.89, 0.01],
  [-19.99, 0.01],
  [0, 0.01],
  [0.3, 0.1],
  [1e21, 1e-7],
  [12391239123, 1e-8],
  [5e-324, 5e-324],
  [Number.MAX_SAFE_INTEGER, 1],
])("takes %d for a multiple of %d", (value, divisor) => {
  expect(isMultipleOf(value, divisor)).toBe(true);
  expect(compileSchema({ multipleOf: divisor })(value)).toEqual([]);
});

test.each([
  [19.995, 0.01],
  [0.001, 0.01],
  [4.355, 0.01],
  [1234567.891, 0.01],
  [0.35, 0.1],
  [1e-8, 1e-7],
  [1e308, 0.123456789],
  [7, 2],
])("takes %d for no multiple of %d", (value, divisor) => {
  expect(isMultipleOf(value, divisor)).toBe(false);
  const message = `must be multiple of ${divisor}`;
  expect(compileSchema({ multipleOf: divisor })(value)).toEqual([
    { path: "/", rule: "multipleOf", message },
  ]);
});

test("tells amounts of whole cents from those with a part of a cent", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e12, max: 1e12 }),
      fc.integer({ min: 1, max: 9 }),
      (cents, tenth) => {
        expect(isMultipleOf(Number(`${cents}e-2`), 0.01)).toBe(true);
        expect(isMultipleOf(Number(`${cents}${tenth}e-3`), 0.01)).toBe(false);
      },
    ),
  );
});

test("finds no multiple of what is no number", () => {
  expect(compileSchema({ multipleOf: 0.01 })("19.999")).toEqual([]);
  expect(() => compileSchema({ multipleOf: 0 })).toThrow();
});
