import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { errorBody } from "../../operations/error-body.ts";
import { ERRORS } from "../../shared/error-codes.ts";
import { DomainError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/logger.ts";

/** After a refusal for load, a client that has nothing better to go by waits this long. */
const RETRY_AFTER_S = 1;

/** An error as REST shows it: the envelope under the status of its code. */
export function errorResponse(c: Context, error: DomainError): Response {
  return c.json(errorBody(error), errorStatus(c, error));
}

/** The status of an error, with the headers that go with it. */
export function errorStatus(c: Context, error: DomainError): ContentfulStatusCode {
  const { status } = ERRORS[error.code];
  if (status === 401) c.header("WWW-Authenticate", challengeOf(error));
  if (status === 429 || status === 503)
    c.header("Retry-After", String(error.details?.retry_after_seconds ?? RETRY_AFTER_S));
  return status as ContentfulStatusCode;
}

/** RFC 6750: a request that came without a credential is told of no error. */
function challengeOf({ code, details }: DomainError): string {
  return code === "UNAUTHORIZED" && details === undefined
    ? 'Bearer realm="stack-mcp"'
    : 'Bearer realm="stack-mcp", error="invalid_token"';
}

/** Turns an unforeseen error into INTERNAL, with an id that is in the log. */
export function toDomainError(
  error: unknown,
  log: Logger,
  { requestId, isGone }: { readonly requestId: string; readonly isGone: boolean },
): DomainError {
  if (error instanceof DomainError) return error;
  // Whoever leaves in the middle of a request hears no answer, and is no fault of the server.
  if (isGone)
    return new DomainError("INVALID_REQUEST", "The request ended before it was complete.");
  const errorId = randomUUID();
  log.error({ error_id: errorId, request_id: requestId, err: error }, "a request failed");
  const message = `Something went wrong on the server. The log has more under ${errorId}.`;
  return new DomainError("INTERNAL", message, { error_id: errorId });
}
