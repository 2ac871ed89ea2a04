/** How an agent answers for what it does: `enforced` and `logged` say why beforehand, and `enforced` reports as it goes. */
export const ACCOUNTABILITY_MODES = ["enforced", "logged", "standard"] as const;
export type AccountabilityMode = (typeof ACCOUNTABILITY_MODES)[number];

/** What a detector's signal leads to. */
export const ALERT_ACTIONS = ["notify", "block"] as const;
export type AlertAction = (typeof ALERT_ACTIONS)[number];

/** Whether an agent may be handed a secret, or only have it used for it. */
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
