/**
 * The reasons for which a request got no response. A guest sees them as the `code` of its error.
 */
export const EGRESS_CODES = [
  "INVALID_REQUEST",
  "HOST_NOT_DECLARED",
  "ADDRESS_FORBIDDEN",
  "SERVICE_NOT_DECLARED",
  "SERVICE_NOT_CONNECTED",
  "SERVICE_LIMIT",
  "UNREACHABLE",
  "TIMEOUT",
  "RESPONSE_TOO_LARGE",
] as const;
export type EgressCode = (typeof EGRESS_CODES)[number];

/**
 * The message is our own sentence: no address that a name led to, nothing of a request or a
 * response.
 */
export class EgressError extends Error {
  override readonly name = "EgressError";
  readonly code: EgressCode;

  constructor(code: EgressCode, message: string) {
    super(message);
    this.code = code;
  }
}
