import type { TrustLevel } from "../market/skill.ts";

/** That somebody is a person, or who it is. */
export const CLAIM_LAYERS = ["humanity", "identity"] as const;
export type ClaimLayer = (typeof CLAIM_LAYERS)[number];

export const ASSURANCE_LEVELS = ["substantial", "high"] as const;
export type AssuranceLevel = (typeof ASSURANCE_LEVELS)[number];

export const CLAIM_TYPES = ["verified_human", "verified_identity"] as const;
export type ClaimType = (typeof CLAIM_TYPES)[number];

export function layerOf(claimType: string): ClaimLayer {
  return claimType === "verified_human" ? "humanity" : "identity";
}

const CLAIM_LEVELS: Readonly<Record<string, TrustLevel>> = {
  verified_human: "L1",
  verified_identity: "L2",
};

/**
 * The highest level that a set of claim types reaches: L0 is any authenticated caller, and L2
 * satisfies L1.
 */
export function trustLevelOf(claimTypes: readonly string[]): TrustLevel {
  const levels = claimTypes.map((type) =>
    Object.hasOwn(CLAIM_LEVELS, type) ? CLAIM_LEVELS[type] : undefined,
  );
  if (levels.includes("L2")) return "L2";
  return levels.includes("L1") ? "L1" : "L0";
}

export function satisfies(level: TrustLevel, required: TrustLevel): boolean {
  return level >= required;
}

/** The claim that would lift a caller to a level, for messages. */
export function claimFor(level: TrustLevel): string {
  return level === "L2" ? "verified_identity" : "verified_human";
}
