import type { Operation } from "../../src/operations/define-operation.ts";
import { checkout } from "./checkout.ts";
import { checkpoint } from "./checkpoint.ts";
import { delegatePassport } from "./delegate-passport.ts";
import { issuePassport } from "./issue-passport.ts";
import { listActivePassports } from "./list-active-passports.ts";
import { listCheckouts } from "./list-checkouts.ts";
import { getMission, renewMission, startMission } from "./missions.ts";
import { refreshPassport } from "./refresh-passport.ts";
import { reviewCheckout } from "./review-checkout.ts";
import { revokeAgentPassports } from "./revoke-agent-passports.ts";
import { revokeAllPassports } from "./revoke-all-passports.ts";
import { revokeClaimPassports } from "./revoke-claim-passports.ts";
import { revokePassport } from "./revoke-passport.ts";
import { revokeSession } from "./revoke-session.ts";
import { verifyPassport } from "./verify-passport.ts";

/** Passports: short-lived rights of agents. */
export const PASSPORTS: readonly Operation[] = [
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
];
