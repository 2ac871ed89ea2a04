import { asStarted } from "./as-started.ts";
import type { ErrorCode, RetryHint } from "./error-codes.ts";
import { ERRORS } from "./error-codes.ts";
import type { Json } from "./json.ts";

/**
 * A refusal that a caller is told of. `message` is our own sentence; values of others go to
 * `details`.
 */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, Json>> | undefined;
  #retry: RetryHint | undefined;

  constructor(code: ErrorCode, message?: string, details?: Record<string, Json>, cause?: unknown) {
    super(asStarted(message ?? ERRORS[code].sentence), cause === undefined ? undefined : { cause });
    this.name = "DomainError";
    this.code = code;
    this.details = details;
  }

  /** Says whether to try again, and after what: as the code does, or as this very error. */
  get retry(): RetryHint {
    return this.#retry ?? ERRORS[this.code].retry;
  }

  /** The same error for one who can do something about it first. */
  afterAction(): this {
    this.#retry = "after_action";
    return this;
  }
}

/** Returns INVALID_REQUEST for a field of the request. `message` names the field and the rule. */
export function invalidRequest(field: string, message: string): DomainError {
  return new DomainError("INVALID_REQUEST", message, { field });
}

/** A programmer's mistake. It becomes INTERNAL and never a 4xx. */
class AssertionError extends Error {
  override readonly name = "AssertionError";
}

export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new AssertionError(what);
}
