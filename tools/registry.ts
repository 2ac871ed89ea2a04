import type { Operation } from "../src/operations/define-operation.ts";
import { approveSkill } from "./admin/approve-skill.ts";
import { listPendingReviews } from "./admin/list-pending-reviews.ts";
import { rejectSkill } from "./admin/reject-skill.ts";
import { cancelInvocation } from "./invocations/cancel-invocation.ts";
import { checkInvocation } from "./invocations/check-invocation.ts";
import { claimInvocation } from "./invocations/claim-invocation.ts";
import { completeInvocation } from "./invocations/complete-invocation.ts";
import { failInvocation } from "./invocations/fail-invocation.ts";
import { invokeSkill } from "./invocations/invoke-skill.ts";
import { listMyInvocations } from "./invocations/list-my-invocations.ts";
import { listPendingInvocations } from "./invocations/list-pending-invocations.ts";
import { quoteSkill } from "./invocations/quote-skill.ts";
import { renewInvocation } from "./invocations/renew-invocation.ts";
import { activateSkill } from "./skills/activate-skill.ts";
import { browseSkills } from "./skills/browse-skills.ts";
import { checkTrustLevel } from "./skills/check-trust-level.ts";
import { favoriteSkill } from "./skills/favorite-skill.ts";
import { getSkill } from "./skills/get-skill.ts";
import { getSkillRatings } from "./skills/get-skill-ratings.ts";
import { listFavoriteSkills } from "./skills/list-favorite-skills.ts";
import { listMySkills } from "./skills/list-my-skills.ts";
import { listSkillVersions } from "./skills/list-skill-versions.ts";
import { publishSkill } from "./skills/publish-skill.ts";
import { rateSkill } from "./skills/rate-skill.ts";
import { suspendSkill } from "./skills/suspend-skill.ts";
import { unfavoriteSkill } from "./skills/unfavorite-skill.ts";
import { unlistSkill } from "./skills/unlist-skill.ts";
import { updateSkill } from "./skills/update-skill.ts";
import { getBalance } from "./wallet/get-balance.ts";

/** Every operation, in the order in which clients are shown them. */
export const OPERATIONS: readonly Operation[] = [
  // core
  browseSkills,
  getSkill,
  checkTrustLevel,
  quoteSkill,
  invokeSkill,
  checkInvocation,
  cancelInvocation,
  rateSkill,
  getBalance,
  publishSkill,
  listPendingInvocations,
  claimInvocation,
  completeInvocation,
  failInvocation,
  // publish
  updateSkill,
  listMySkills,
  listSkillVersions,
  suspendSkill,
  activateSkill,
  unlistSkill,
  renewInvocation,
  // market
  listMyInvocations,
  getSkillRatings,
  listFavoriteSkills,
  favoriteSkill,
  unfavoriteSkill,
  // admin
  listPendingReviews,
  approveSkill,
  rejectSkill,
];
