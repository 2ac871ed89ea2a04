type Raw = Readonly<Record<string, unknown>>;

/**
 * STACK's documents spell the price in more than one way. `price_cents` is `price_per_invocation`; with both, they have to
 * agree, or the strict parse names the one that is left over.
 */
export function normalisePublish(raw: Raw): Record<string, unknown> {
  const { price_cents, ...rest } = raw;
  if (price_cents === undefined) return rest;
  if (rest.price_per_invocation === undefined) return { ...rest, price_per_invocation: price_cents };
  return rest.price_per_invocation === price_cents ? rest : { ...raw };
}
