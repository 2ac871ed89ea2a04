import { DomainError } from "../../shared/errors.ts";
import type { Mandate } from "../money/mandate.ts";
import { type AccountabilityMode, isLaxer } from "./agent.ts";

/** A connection that a passport opens, and what it may be used for there; `*` is every scope. */
export interface ServiceGrant {
  readonly connection_id: string;
  readonly scopes: readonly string[];
}

/** The reason for which a passport is asked for. */
export interface Intent {
  readonly summary: string;
  readonly services: readonly string[];
  readonly will_delegate?: boolean | undefined;
  readonly estimated_duration_seconds?: number | undefined;
}

/** The rights of a passport, whoever carries it. */
export interface PassportGrant {
  readonly services: readonly ServiceGrant[];
  readonly claimIds: readonly string[];
  readonly mandate: Mandate | undefined;
  readonly accountability: AccountabilityMode;
  /** Seconds. */
  readonly checkpointInterval: number | undefined;
}

/** The rights that a delegation asks for; an absent field is as in the parent. */
export interface DelegationRequest {
  readonly services?: readonly ServiceGrant[] | undefined;
  readonly claimIds?: readonly string[] | undefined;
  readonly mandate?: Mandate | undefined;
  readonly accountability: AccountabilityMode;
  readonly checkpointInterval?: number | undefined;
}

export const MAX_DELEGATIONS = 4;

/** Any token begins so: it is a JSON object in base64url. An API key does not. */
export const TOKEN_PREFIX = "eyJ";

export const CHECKOUT_BUCKETS = ["clean", "flagged", "blocked"] as const;
export type CheckoutBucket = (typeof CHECKOUT_BUCKETS)[number];

export const CHECKOUT_STATUSES = ["closed", "pending", "approved", "blocked"] as const;
export type CheckoutStatus = (typeof CHECKOUT_STATUSES)[number];

export const REVOCATION_TYPES = [
  "single",
  "bulk_agent",
  "bulk_session",
  "bulk_operator",
  "bulk_claim",
] as const;
export type RevocationType = (typeof REVOCATION_TYPES)[number];

/**
 * Returns the rights of a child: those that were asked for, if the parent has them. Throws
 * SCOPE_ESCALATION that names the field, or DELEGATION_ACCOUNTABILITY_VIOLATION.
 */
export function delegate(parent: PassportGrant, ask: DelegationRequest): PassportGrant {
  if (isLaxer(ask.accountability, parent.accountability))
    throw new DomainError("DELEGATION_ACCOUNTABILITY_VIOLATION");
  const services = ask.services ?? parent.services;
  for (const service of services) requireService(parent.services, service);
  const claimIds = ask.claimIds ?? parent.claimIds;
  requireWithin("identity_claim_ids", claimIds, parent.claimIds);
  return {
    services,
    claimIds,
    mandate: shrink(parent.mandate, ask.mandate),
    accountability: ask.accountability,
    checkpointInterval: shorter(parent.checkpointInterval, ask.checkpointInterval),
  };
}

/** Tells whether `given` covers every scope of `requested`. */
export function coversService(given: readonly ServiceGrant[], requested: ServiceGrant): boolean {
  const own = given.find(({ connection_id }) => connection_id === requested.connection_id);
  if (!own) return false;
  return own.scopes.includes("*") || requested.scopes.every((scope) => own.scopes.includes(scope));
}

export function requireService(given: readonly ServiceGrant[], requested: ServiceGrant): void {
  if (coversService(given, requested)) return;
  throw escalation("scopes", `The scopes asked for on ${requested.connection_id} were not given`, {
    service_connection_id: requested.connection_id,
  });
}

/** Every bound of the parent holds for the child, which may set tighter ones. */
function shrink(parent: Mandate | undefined, ask: Mandate | undefined): Mandate | undefined {
  if (!parent) return ask;
  const bound = (field: "max_total_cents" | "max_per_call_cents" | "approve_over_cents") => {
    const { [field]: most } = parent;
    const asked = ask?.[field];
    if (most !== undefined && asked !== undefined && asked > most)
      throw escalation(`mandate.${field}`, `The parent has ${most}`);
    return asked ?? most;
  };
  const list = (field: "skills" | "publishers") => {
    const { [field]: most } = parent;
    const asked = ask?.[field];
    if (most && asked) requireWithin(`mandate.${field}`, asked, most);
    return asked ?? most;
  };
  return withoutGaps({
    max_total_cents: bound("max_total_cents"),
    max_per_call_cents: bound("max_per_call_cents"),
    skills: list("skills"),
    publishers: list("publishers"),
    approve_over_cents: bound("approve_over_cents"),
  });
}

/** The child of one that reports at intervals does so too, and as often. */
function shorter(parent: number | undefined, asked: number | undefined): number | undefined {
  if (parent !== undefined && asked !== undefined && asked > parent) {
    throw escalation("checkpoint_interval_seconds", `The parent has ${parent}`);
  }
  return asked ?? parent;
}

function requireWithin(field: string, asked: readonly string[], given: readonly string[]): void {
  if (asked.every((one) => given.includes(one))) return;
  throw escalation(field, "It names what the parent does not have");
}

function escalation(field: string, why: string, details: Record<string, string> = {}): DomainError {
  return new DomainError(
    "SCOPE_ESCALATION",
    `${field}: ${why}. A delegated passport has no more rights than its parent.`,
    {
      field,
      ...details,
    },
  );
}

function withoutGaps(mandate: Mandate): Mandate {
  return Object.fromEntries(Object.entries(mandate).filter(([, value]) => value !== undefined));
}
