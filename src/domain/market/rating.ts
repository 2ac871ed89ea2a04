/** One operator's opinion of a skill: of several versions the last one it rated. */
export interface Opinion {
  readonly rating: number;
  /**
   * The most that it paid for an invocation behind a rating of the skill; 0 when the platform took
   * no commission.
   */
  readonly paidCents: number;
}

export interface RatingSummary {
  readonly average_rating: number | null;
  readonly rating_count: number;
  /** The number that skills are sorted by: a few good ratings do not outweigh many. */
  readonly rating_score: number;
}

/**
 * A skill without ratings stands at 3, and each rating moves it as if there were five of those
 * before.
 */
const PRIOR_RATING = 3;
const PRIOR_WEIGHT = 5;
/** A buyer who paid less than this part of today's price says nothing about its worth today. */
const PART_OF_PRICE = 10;

/**
 * The average over distinct operators. Of a skill that costs something only those count who paid
 * for it, and not next to nothing: an opinion then costs its giver a commission, so that praising
 * oneself through a second name is not free.
 */
export function summariseRatings(opinions: readonly Opinion[], priceCents: number): RatingSummary {
  const counts = ({ paidCents }: Opinion) =>
    paidCents > 0 && paidCents * PART_OF_PRICE >= priceCents;
  const counted = opinions.filter((opinion) => priceCents === 0 || counts(opinion));
  const sum = counted.reduce((total, { rating }) => total + rating, 0);
  const count = counted.length;
  return {
    average_rating: count === 0 ? null : Math.round((sum / count) * 100) / 100,
    rating_count: count,
    rating_score: (sum + PRIOR_RATING * PRIOR_WEIGHT) / (count + PRIOR_WEIGHT),
  };
}
