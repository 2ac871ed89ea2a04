import { DomainError } from "../shared/errors.ts";
import type { Plan } from "./money.ts";

export const SCOPES = [
  "skills:read",
  "skills:invoke",
  "skills:publish",
  "wallet:read",
  "wallet:write",
  "services:read",
  "services:write",
  "admin",
] as const;
export type Scope = (typeof SCOPES)[number];

/** Who is calling, as the server knows it. Nothing in it comes from the caller. */
export interface Caller {
  readonly operatorId: string;
  readonly name: string;
  readonly plan: Plan;
  readonly scopes: readonly Scope[];
}

/** Operator keys call everything of their operator; only `admin` sees the platform. */
export const OPERATOR_SCOPES = SCOPES.filter((scope) => scope !== "admin");

/** Throws FORBIDDEN that names the missing scope. */
export function requireScope(caller: Caller, scope: Scope): void {
  if (caller.scopes.includes(scope)) return;
  throw new DomainError("FORBIDDEN", `This needs the scope ${scope}, which the caller does not have.`, { scope });
}
