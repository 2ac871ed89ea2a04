import type { ReviewMode, SkillStatus } from "./skill.ts";

/** What the review of a skill hangs on. */
export interface Reviewed {
  readonly review: ReviewMode;
  readonly version_id: string;
  readonly approved_version_id: string | null;
}

/** The status of a skill that its publisher offers: under manual review only an approved version is active. */
export function offeredStatus(skill: Reviewed): Extract<SkillStatus, "active" | "pending_review"> {
  return skill.review === "auto" || skill.approved_version_id === skill.version_id ? "active" : "pending_review";
}

/** The status after a change of version: what others could reach has to be approved again, a suspended skill stays so. */
export function statusAfterChange(skill: Reviewed & { readonly status: SkillStatus }): SkillStatus {
  if (skill.status === "suspended") return "suspended";
  const offered = offeredStatus(skill);
  return offered === "active" && skill.status === "unlisted" ? "unlisted" : offered;
}
