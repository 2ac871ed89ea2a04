import type { Operation } from "../src/operations/define-operation.ts";
import { cancelInvocation } from "./invocations/cancel-invocation.ts";
import { checkInvocation } from "./invocations/check-invocation.ts";
import { claimInvocation } from "./invocations/claim-invocation.ts";
import { completeInvocation } from "./invocations/complete-invocation.ts";
import { failInvocation } from "./invocations/fail-invocation.ts";
import { invokeSkill } from "./invocations/invoke-skill.ts";
import { listPendingInvocations } from "./invocations/list-pending-invocations.ts";
import { quoteSkill } from "./invocations/quote-skill.ts";
import { findTools } from "./meta/find-tools.ts";
import { runRead, runWrite } from "./meta/run-tools.ts";
import { browseSkills } from "./skills/browse-skills.ts";
import { checkTrustLevel } from "./skills/check-trust-level.ts";
import { getSkill } from "./skills/get-skill.ts";
import { publishSkill } from "./skills/publish-skill.ts";
import { rateSkill } from "./skills/rate-skill.ts";
import { getBalance } from "./wallet/get-balance.ts";
import { topup } from "./wallet/topup.ts";

/**
 * The operations that a session lists unless its host says otherwise, in the order in which a model
 * reads them.
 */
export const CORE: readonly Operation[] = [
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
];
