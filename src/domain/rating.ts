/** One operator's opinion of a skill: of several versions the last one it rated. */
export interface Opinion {
  readonly rating: number;
  /** Whether the invocation behind it had a price. */
  readonly paid: boolean;
}

export interface RatingSummary {
  readonly average_rating: number | null;
  readonly rating_count: number;
  /** What skills are sorted by: a few good ratings do not outweigh many. */
  readonly rating_score: number;
}

/** A skill without ratings stands at 3, and each rating moves it as if there were five of those before. */
const PRIOR_RATING = 3;
const PRIOR_WEIGHT = 5;

/**
 * The average over distinct operators. Of a skill that costs something only those count who paid for it: an opinion then
 * costs its giver a commission, so that praising oneself through a second name is not free.
 */
export function summariseRatings(opinions: readonly Opinion[], priced: boolean): RatingSummary {
  const counted = opinions.filter((opinion) => opinion.paid || !priced);
  const sum = counted.reduce((total, { rating }) => total + rating, 0);
  const count = counted.length;
  return {
    average_rating: count === 0 ? null : Math.round((sum / count) * 100) / 100,
    rating_count: count,
    rating_score: (sum + PRIOR_RATING * PRIOR_WEIGHT) / (count + PRIOR_WEIGHT),
  };
}
