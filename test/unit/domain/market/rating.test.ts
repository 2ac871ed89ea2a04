import fc from "fast-check";
import { expect, test } from "vitest";
import { summariseRatings } from "../../../../src/domain/market/rating.ts";

const paid = (rating: number, paidCents = 100) => ({ rating, paidCents });

test("puts a skill without ratings at 3, with no average", () => {
  expect(summariseRatings([], 100)).toEqual({
    average_rating: null,
    rating_count: 0,
    rating_score: 3,
  });
});

test("counts a rating as if there were five of 3 before it", () => {
  expect(summariseRatings([paid(5)], 100)).toEqual({
    average_rating: 5,
    rating_count: 1,
    rating_score: 20 / 6,
  });
  expect(summariseRatings([paid(1), paid(1), paid(1), paid(1), paid(1)], 100)).toMatchObject({
    average_rating: 1,
    rating_score: 2,
  });
});

test.each([
  [[4, 4, 5], 4.33],
  [[4, 5, 5], 4.67],
  [[1, 2], 1.5],
])("rounds the average of %j to two decimals: %d", (ratings, average) => {
  const opinions = ratings.map((rating) => paid(rating));
  expect(summariseRatings(opinions, 100).average_rating).toBe(average);
});

test.each([
  [100, 10, 1],
  [100, 9, 0],
  [101, 10, 0],
  [101, 11, 1],
  [1, 1, 1],
  [1, 0, 0],
  [0, 0, 1],
  [0, 50, 1],
])("counts at a price of %i an opinion for which %i was paid %i times", (price, cents, count) => {
  expect(summariseRatings([paid(5, cents)], price).rating_count).toBe(count);
});

test("leaves out of the average whoever paid next to nothing", () => {
  const opinions = [paid(5, 9), paid(5, 0), paid(2, 100), paid(3, 10)];
  expect(summariseRatings(opinions, 100)).toEqual({
    average_rating: 2.5,
    rating_count: 2,
    rating_score: 20 / 7,
  });
});

test("sorts a hundred good ratings before one that is best", () => {
  const many = Array.from({ length: 100 }, (_, i) => paid(i < 90 ? 5 : 4));
  const [one, hundred] = [summariseRatings([paid(5)], 100), summariseRatings(many, 100)];
  expect(one.average_rating).toBeGreaterThan(hundred.average_rating ?? 0);
  expect(hundred.rating_score).toBeGreaterThan(one.rating_score);
});

test("keeps the score between 3 and the average, whatever the order of the opinions", () => {
  const opinion = fc.record({
    rating: fc.integer({ min: 1, max: 5 }),
    paidCents: fc.integer({ min: 10, max: 100 }),
  });
  fc.assert(
    fc.property(fc.array(opinion, { minLength: 1 }), (opinions) => {
      const summary = summariseRatings(opinions, 100);
      const average = opinions.reduce((sum, { rating }) => sum + rating, 0) / opinions.length;
      expect(summary.rating_score).toBeGreaterThanOrEqual(Math.min(3, average) - 1e-9);
      expect(summary.rating_score).toBeLessThanOrEqual(Math.max(3, average) + 1e-9);
      expect(summariseRatings(opinions.toReversed(), 100)).toEqual(summary);
    }),
  );
});
