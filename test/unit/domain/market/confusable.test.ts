import fc from "fast-check";
import { distance } from "fastest-levenshtein";
import { expect, test } from "vitest";
import { oneLetterApart, skeletonOf } from "../../../../src/domain/market/confusable.ts";

const slug = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);

test("lists what is one letter apart, and nothing else", () => {
  fc.assert(
    fc.property(slug, slug, (name, other) => {
      const near = new Set(oneLetterApart(name));
      expect([...near].every((one) => distance(one, name) === 1)).toBe(true);
      expect(near.has(other)).toBe(distance(name, other) === 1);
    }),
  );
  expect(oneLetterApart("ab")).toEqual(
    expect.arrayContaining(["a", "b", "abc", "cab", "acb", "a-b", "xb", "ax"]),
  );
});

test.each([
  ["modern-text", "modemtext"],
  ["paypal", "paypa1"],
  ["s1ugify", "slug-ify"],
  ["text-w0rks", "textworks"],
])("gives %s and %s one skeleton", (one, other) => {
  expect(skeletonOf(one)).toBe(skeletonOf(other));
});
