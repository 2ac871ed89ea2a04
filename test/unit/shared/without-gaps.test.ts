import { expect, test } from "vitest";
import { withoutGaps } from "../../../src/shared/json.ts";

test("drops undefined members at any depth", () => {
  const gappy = { a: 1, b: undefined, c: [{ d: undefined, e: null }], f: { g: undefined } };
  expect(withoutGaps(gappy)).toStrictEqual({ a: 1, c: [{ e: null }], f: {} });
});

test("keeps a member that is called __proto__", () => {
  const odd = JSON.parse('{"__proto__": {"a": 1}, "b": 2}');
  expect(JSON.stringify(withoutGaps({ ...odd, gap: undefined, c: odd }))).toBe(
    JSON.stringify({ ...odd, c: odd }),
  );
  expect(JSON.stringify(withoutGaps({ gap: undefined, odd }))).toBe(JSON.stringify({ odd }));
});

test("returns the value itself where nothing is undefined", () => {
  const whole = { a: [{ b: 1 }], c: "text" };
  expect(withoutGaps(whole)).toBe(whole);
});
