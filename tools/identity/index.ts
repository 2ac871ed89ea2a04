import type { Operation } from "../../src/operations/define-operation.ts";
import {
  completeVerification,
  listClaims,
  listIdentityProviders,
  revokeClaim,
  startVerification,
} from "./identity.ts";

/** Claims that identity providers vouch for. */
export const IDENTITY: readonly Operation[] = [
  listIdentityProviders,
  startVerification,
  completeVerification,
  listClaims,
  revokeClaim,
];
