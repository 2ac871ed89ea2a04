import type { Operation } from "../src/operations/define-operation.ts";
import { approveSkill } from "./admin/approve-skill.ts";
import { listPendingReviews } from "./admin/list-pending-reviews.ts";
import { rejectSkill } from "./admin/reject-skill.ts";
import { deleteAgent } from "./agents/delete-agent.ts";
import { enrolAgent, enrolmentChallenge } from "./agents/enrol-agent.ts";
import { getAgent } from "./agents/get-agent.ts";
import { listAgents } from "./agents/list-agents.ts";
import { registerAgent } from "./agents/register-agent.ts";
import { unblockAgent } from "./agents/unblock-agent.ts";
import { updateAgent } from "./agents/update-agent.ts";
import { getAuditHead, queryAudit, verifyAuditChain } from "./audit/audit.ts";
import { connectCustomService } from "./connections/connect-custom-service.ts";
import { disconnectService } from "./connections/disconnect-service.ts";
import { listConnectedServices } from "./connections/list-connected-services.ts";
import { updateConnection } from "./connections/update-connection.ts";
import { verifyConnection } from "./connections/verify-connection.ts";
import {
  completeVerification,
  listClaims,
  listIdentityProviders,
  revokeClaim,
  startVerification,
} from "./identity/identity.ts";
import { cancelInvocation } from "./invocations/cancel-invocation.ts";
import { checkInvocation } from "./invocations/check-invocation.ts";
import { claimInvocation } from "./invocations/claim-invocation.ts";
import { completeInvocation } from "./invocations/complete-invocation.ts";
import { approveInvocation, denyInvocation } from "./invocations/decide-invocation.ts";
import { failInvocation } from "./invocations/fail-invocation.ts";
import { getReceipt } from "./invocations/get-receipt.ts";
import { invokeSkill } from "./invocations/invoke-skill.ts";
import { listMyInvocations } from "./invocations/list-my-invocations.ts";
import { listPendingInvocations } from "./invocations/list-pending-invocations.ts";
import { quoteSkill } from "./invocations/quote-skill.ts";
import { renewInvocation } from "./invocations/renew-invocation.ts";
import { findTools } from "./meta/find-tools.ts";
import { runRead, runWrite } from "./meta/run-tools.ts";
import { checkout } from "./passports/checkout.ts";
import { checkpoint } from "./passports/checkpoint.ts";
import { delegatePassport } from "./passports/delegate-passport.ts";
import { issuePassport } from "./passports/issue-passport.ts";
import { listActivePassports } from "./passports/list-active-passports.ts";
import { listCheckouts } from "./passports/list-checkouts.ts";
import { getMission, renewMission, startMission } from "./passports/missions.ts";
import { refreshPassport } from "./passports/refresh-passport.ts";
import { reviewCheckout } from "./passports/review-checkout.ts";
import { revokeAgentPassports } from "./passports/revoke-agent-passports.ts";
import { revokeAllPassports } from "./passports/revoke-all-passports.ts";
import { revokeClaimPassports } from "./passports/revoke-claim-passports.ts";
import { revokePassport } from "./passports/revoke-passport.ts";
import { revokeSession } from "./passports/revoke-session.ts";
import { verifyPassport } from "./passports/verify-passport.ts";
import { getSkillRequest } from "./skill-requests/get-skill-request.ts";
import { listSkillRequests } from "./skill-requests/list-skill-requests.ts";
import { matchSkillRequest } from "./skill-requests/match-skill-request.ts";
import { postSkillRequest } from "./skill-requests/post-skill-request.ts";
import { suggestComposition } from "./skill-requests/suggest-composition.ts";
import { updateSkillRequest } from "./skill-requests/update-skill-request.ts";
import { activateSkill } from "./skills/activate-skill.ts";
import { browseSkills } from "./skills/browse-skills.ts";
import { checkTrustLevel } from "./skills/check-trust-level.ts";
import { favoriteSkill } from "./skills/favorite-skill.ts";
import { getSkill } from "./skills/get-skill.ts";
import { getSkillRatings } from "./skills/get-skill-ratings.ts";
import { listFavoriteSkills } from "./skills/list-favorite-skills.ts";
import { listMySkills } from "./skills/list-my-skills.ts";
import { listSales } from "./skills/list-sales.ts";
import { listSkillVersions } from "./skills/list-skill-versions.ts";
import { publishSkill } from "./skills/publish-skill.ts";
import { rateSkill } from "./skills/rate-skill.ts";
import { suspendSkill } from "./skills/suspend-skill.ts";
import { testSkill } from "./skills/test-skill.ts";
import { unfavoriteSkill } from "./skills/unfavorite-skill.ts";
import { unlistSkill } from "./skills/unlist-skill.ts";
import { updateSkill } from "./skills/update-skill.ts";
import { checkoutSkill } from "./wallet/checkout-skill.ts";
import { getBalance } from "./wallet/get-balance.ts";
import { getEarnings } from "./wallet/get-earnings.ts";
import { getSkillBalance } from "./wallet/get-skill-balance.ts";
import { listPayouts } from "./wallet/list-payouts.ts";
import { listTransactions } from "./wallet/list-transactions.ts";
import { refundTopup } from "./wallet/refund-topup.ts";
import { setUpPayouts } from "./wallet/set-up-payouts.ts";
import { subscribe } from "./wallet/subscribe.ts";
import { topup } from "./wallet/topup.ts";

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
  topup,
  publishSkill,
  listPendingInvocations,
  claimInvocation,
  completeInvocation,
  failInvocation,
  findTools,
  runRead,
  runWrite,
  // publish
  testSkill,
  updateSkill,
  listMySkills,
  listSkillVersions,
  listSales,
  suspendSkill,
  activateSkill,
  unlistSkill,
  renewInvocation,
  getEarnings,
  // market
  listMyInvocations,
  getSkillRatings,
  listFavoriteSkills,
  favoriteSkill,
  unfavoriteSkill,
  postSkillRequest,
  listSkillRequests,
  getSkillRequest,
  updateSkillRequest,
  matchSkillRequest,
  suggestComposition,
  approveInvocation,
  denyInvocation,
  getReceipt,
  // wallet
  listTransactions,
  refundTopup,
  subscribe,
  listPayouts,
  setUpPayouts,
  checkoutSkill,
  getSkillBalance,
  // agents
  registerAgent,
  listAgents,
  getAgent,
  updateAgent,
  deleteAgent,
  unblockAgent,
  enrolmentChallenge,
  enrolAgent,
  // passports
  issuePassport,
  verifyPassport,
  refreshPassport,
  delegatePassport,
  listActivePassports,
  revokePassport,
  revokeAgentPassports,
  revokeSession,
  revokeClaimPassports,
  revokeAllPassports,
  checkpoint,
  checkout,
  listCheckouts,
  reviewCheckout,
  startMission,
  getMission,
  renewMission,
  // identity
  listIdentityProviders,
  startVerification,
  completeVerification,
  listClaims,
  revokeClaim,
  // audit
  queryAudit,
  getAuditHead,
  verifyAuditChain,
  // services
  connectCustomService,
  listConnectedServices,
  updateConnection,
  disconnectService,
  verifyConnection,
  // admin
  listPendingReviews,
  approveSkill,
  rejectSkill,
];
