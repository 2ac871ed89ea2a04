import { DomainError } from "../../src/shared/errors.ts";

type Raw = Readonly<Record<string, unknown>>;

/**
 * STACK's documents spell the price in more than one way. `price_cents` is `price_per_invocation`; with both, they have to
 * agree.
 */
export function normalisePublish(raw: Raw): Record<string, unknown> {
  const { price_cents, ...rest } = raw;
  if (price_cents === undefined) return rest;
  if (rest.price_per_invocation === undefined) return { ...rest, price_per_invocation: price_cents };
  if (rest.price_per_invocation === price_cents) return rest;
  throw new DomainError("INVALID_REQUEST", "price_cents and price_per_invocation are the same and must not differ.", {
    field: "price_cents",
  });
}
