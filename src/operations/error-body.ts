import { type DomainError, ERRORS, type RetryHint } from "../shared/errors.ts";

interface ErrorEnvelope {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details?: object;
    readonly retry: RetryHint;
  };
}

/** An error as every face shows it: the envelope, and for a 402 the flat body that STACK documents. */
export function errorBody(error: DomainError): ErrorEnvelope | Record<string, unknown> {
  if (error.code === "INSUFFICIENT_CREDITS") {
    const { retry } = ERRORS[error.code];
    return { error: "insufficient_balance", code: error.code, message: error.message, ...error.details, retry };
  }
  const details = error.details === undefined ? {} : { details: error.details };
  return { error: { code: error.code, message: error.message, ...details, retry: ERRORS[error.code].retry } };
}
