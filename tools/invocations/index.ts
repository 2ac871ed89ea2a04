import type { Operation } from "../../src/operations/define-operation.ts";
import { cancelInvocation } from "./cancel-invocation.ts";
import { checkInvocation } from "./check-invocation.ts";
import { claimInvocation } from "./claim-invocation.ts";
import { completeInvocation } from "./complete-invocation.ts";
import { approveInvocation, denyInvocation } from "./decide-invocation.ts";
import { failInvocation } from "./fail-invocation.ts";
import { getReceipt } from "./get-receipt.ts";
import { invokeSkill } from "./invoke-skill.ts";
import { listMyInvocations } from "./list-my-invocations.ts";
import { listPendingInvocations } from "./list-pending-invocations.ts";
import { quoteSkill } from "./quote-skill.ts";
import { renewInvocation } from "./renew-invocation.ts";

/** Invocations: buying them, providing them, approving them. */
export const INVOCATIONS: readonly Operation[] = [
  quoteSkill,
  invokeSkill,
  checkInvocation,
  cancelInvocation,
  listPendingInvocations,
  claimInvocation,
  completeInvocation,
  failInvocation,
  renewInvocation,
  listMyInvocations,
  approveInvocation,
  denyInvocation,
  getReceipt,
];
