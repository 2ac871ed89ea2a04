import type { Operation } from "../src/operations/define-operation.ts";
import { checkInvocation } from "./invocations/check-invocation.ts";
import { claimInvocation } from "./invocations/claim-invocation.ts";
import { completeInvocation } from "./invocations/complete-invocation.ts";
import { failInvocation } from "./invocations/fail-invocation.ts";
import { invokeSkill } from "./invocations/invoke-skill.ts";
import { listPendingInvocations } from "./invocations/list-pending-invocations.ts";
import { browseSkills } from "./skills/browse-skills.ts";
import { checkTrustLevel } from "./skills/check-trust-level.ts";
import { getSkill } from "./skills/get-skill.ts";
import { publishSkill } from "./skills/publish-skill.ts";
import { getBalance } from "./wallet/get-balance.ts";

/** Every operation, in the order in which clients are shown them. */
export const OPERATIONS: readonly Operation[] = [
  browseSkills,
  getSkill,
  checkTrustLevel,
  invokeSkill,
  checkInvocation,
  getBalance,
  publishSkill,
  listPendingInvocations,
  claimInvocation,
  completeInvocation,
  failInvocation,
];
