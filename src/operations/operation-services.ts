import type { Services } from "../services/services.ts";

/** The services that operations call. What only a host may do is not among them. */
export type OperationServices = Pick<
  Services,
  | "accountability"
  | "agents"
  | "approvals"
  | "audit"
  | "connections"
  | "drafts"
  | "identity"
  | "invocations"
  | "listings"
  | "matches"
  | "missions"
  | "passports"
  | "payouts"
  | "plans"
  | "provider"
  | "publishing"
  | "quotes"
  | "ratings"
  | "receipts"
  | "revocations"
  | "skillCredits"
  | "skillRequests"
  | "skills"
  | "status"
  | "topups"
  | "wallet"
>;
