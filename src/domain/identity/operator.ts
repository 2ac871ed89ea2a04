import { DomainError, invalidRequest } from "../../shared/errors.ts";

const NAME_PATTERN = /^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/;

/** Throws INVALID_REQUEST for what cannot be an operator's name. */
export function requireOperatorName(name: string): void {
  if (NAME_PATTERN.test(name)) return;
  throw invalidRequest("name", "name must be 2 to 64 of a-z, 0-9 and inner hyphens.");
}

export type OperatorStatus = "active" | "suspended" | "deleted";

interface Standing {
  readonly suspended_at: number | null;
  readonly deleted_at: number | null;
}

export function operatorStatus({ suspended_at, deleted_at }: Standing): OperatorStatus {
  if (deleted_at !== null) return "deleted";
  return suspended_at === null ? "active" : "suspended";
}

/**
 * Throws FORBIDDEN for an operator that its host serves no more, whatever key or passport is good.
 */
export function requireServed<Served extends Standing>(operator: Served): Served {
  if (operator.deleted_at !== null)
    throw new DomainError("FORBIDDEN", "The operator was deleted by this server's host.");
  if (operator.suspended_at === null) return operator;
  throw new DomainError(
    "FORBIDDEN",
    "The operator is suspended by this server's host: nothing can be done in its name until the host resumes it.",
  );
}
