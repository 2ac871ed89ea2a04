import type { ReviewMode, SkillStatus } from "./skill.ts";

/** The facts on which the review of a skill depends. */
export interface Reviewed {
  readonly review: ReviewMode;
  readonly version_id: string;
  readonly approved_version_id: string | null;
  /** 1: its publisher wants it to be reached by id alone. */
  readonly unlisted: number;
}

/**
 * The status of a skill that its publisher offers: under manual review only an approved version is.
 */
export function offeredStatus(skill: Reviewed): Exclude<SkillStatus, "suspended"> {
  if (skill.review === "manual" && skill.approved_version_id !== skill.version_id)
    return "pending_review";
  return skill.unlisted === 1 ? "unlisted" : "active";
}

/**
 * The status after a change of version: what others could reach has to be approved again, a
 * suspended skill stays so.
 */
export function statusAfterChange(skill: Reviewed & { readonly status: SkillStatus }): SkillStatus {
  return skill.status === "suspended" ? "suspended" : offeredStatus(skill);
}
