/**
 * Callers of STACK's older skills API send claims about themselves when they invoke. They are taken
 * and not believed: trust is resolved from the claims that the server knows.
 */
export function normaliseInvoke(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { passport_claims: _unbelieved, passport_id: passport, ...rest } = raw;
  if (passport === undefined) return rest;
  return {
    ...rest,
    passport_id: typeof passport === "string" ? passport.replace(/^(?:ppt|pas)_/, "pp_") : passport,
  };
}
