/**
 * The ways an agent answers for its work: `enforced` and `logged` state an intent beforehand, and
 * `enforced` also reports as it goes.
 */
export const ACCOUNTABILITY_MODES = ["enforced", "logged", "standard"] as const;
export type AccountabilityMode = (typeof ACCOUNTABILITY_MODES)[number];

/** The effect of a detector's signal. */
export const ALERT_ACTIONS = ["notify", "block"] as const;
export type AlertAction = (typeof ALERT_ACTIONS)[number];

/** The ways an agent uses a secret: it is handed the secret, or has it used by the proxy. */
export const CREDENTIAL_ACCESS = ["direct", "proxy_preferred", "proxy_only"] as const;
export type CredentialAccess = (typeof CREDENTIAL_ACCESS)[number];

export const SKILL_ACCESS_MODES = ["all", "allowed"] as const;
export type SkillAccessMode = (typeof SKILL_ACCESS_MODES)[number];

/** From strict to lax: a delegation never moves to the right. */
export function isLaxer(mode: AccountabilityMode, than: AccountabilityMode): boolean {
  return ACCOUNTABILITY_MODES.indexOf(mode) > ACCOUNTABILITY_MODES.indexOf(than);
}

export function needsIntent(mode: AccountabilityMode): boolean {
  return mode !== "standard";
}
