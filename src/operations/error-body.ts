import type { RetryHint } from "../shared/error-codes.ts";
import type { DomainError } from "../shared/errors.ts";

interface ErrorEnvelope {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details?: object;
    readonly retry: RetryHint;
  };
}

/**
 * Returns an error as every face shows it: the envelope, and for a 402 STACK's flat body.
 */
export function errorBody(error: DomainError): ErrorEnvelope | Record<string, unknown> {
  if (error.code === "INSUFFICIENT_CREDITS") {
    const { code, message, details, retry } = error;
    return { error: "insufficient_balance", code, message, ...details, retry };
  }
  const details = error.details === undefined ? {} : { details: error.details };
  return { error: { code: error.code, message: error.message, ...details, retry: error.retry } };
}

/**
 * An error as text, for clients that have no other form of it: `CODE: sentence`, and on the next
 * line the body as JSON. The whole is no JSON, because clients that find JSON in a text check it
 * against the output schema of the tool.
 */
export function errorText(error: DomainError): string {
  return `${error.code}: ${error.message}\n${JSON.stringify(errorBody(error))}`;
}
