import type { Operator } from "../../../storage/repositories/operators.ts";
import type { Reader } from "../../../storage/repository-table.ts";
import { DomainError } from "../../shared/errors.ts";

/** Finds an operator by id or name. Throws NOT_FOUND. */
export async function requireOperator(r: Reader, operator: string): Promise<Operator> {
  const found = (await r.operators.find(operator)) ?? (await r.operators.findByName(operator));
  if (found) return found;
  throw new DomainError(
    "NOT_FOUND",
    "There is no such operator. `stack-mcp operator list` shows them.",
  );
}

/** Finds an operator that is not deleted. Throws NOT_FOUND, INVALID_REQUEST for a deleted one. */
export async function requirePresentOperator(r: Reader, operator: string): Promise<Operator> {
  const found = await requireOperator(r, operator);
  if (found.deleted_at === null) return found;
  throw new DomainError("INVALID_REQUEST", "The operator was deleted.");
}
