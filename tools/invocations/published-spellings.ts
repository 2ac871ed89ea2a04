/**
 * S1's callers send claims about themselves when they invoke. They are taken and not believed: trust is resolved from the
 * claims that the server knows.
 */
export function normaliseInvoke(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { passport_claims: _unbelieved, ...rest } = raw;
  return rest;
}
