/**
 * The remedies of a caller against an error: mend the input, act elsewhere first, come back later,
 * or give up.
 */
export type RetryHint = "fix_input" | "after_action" | "later" | "never";

export interface ErrorSpec {
  /** HTTP status of the REST face. */
  readonly status: number;
  readonly retry: RetryHint;
  readonly level: "debug" | "info" | "warn" | "error";
  /** A refusal that somebody decided: it is in the audit log of whoever was refused. */
  readonly audited?: true;
  /** The sentence used when the thrower has nothing more precise to say. */
  readonly sentence: string;
}

/** The closed table of error codes. Nothing outside it reaches a caller. */
export const ERRORS = {
  INVALID_REQUEST: {
    status: 400,
    retry: "fix_input",
    level: "debug",
    sentence: "The request does not fit the schema.",
  },
  INPUT_INVALID: {
    status: 400,
    retry: "fix_input",
    level: "debug",
    sentence: "The input does not fit the skill's input_schema.",
  },
  SCHEMA_UNSUPPORTED: {
    status: 400,
    retry: "fix_input",
    level: "debug",
    sentence: "The JSON Schema uses something that is not supported.",
  },
  PRICE_ABOVE_LIMIT: {
    status: 400,
    retry: "fix_input",
    level: "debug",
    sentence: "The hold would be above max_charge_cents.",
  },
  DELEGATION_DEPTH_EXCEEDED: {
    status: 400,
    retry: "never",
    level: "info",
    audited: true,
    sentence: "A passport is delegated at most four times.",
  },
  SCOPE_ESCALATION: {
    status: 400,
    retry: "fix_input",
    level: "info",
    audited: true,
    sentence: "A delegated passport has no more rights than its parent.",
  },
  ACCOUNTABILITY_REQUIRED: {
    status: 400,
    retry: "fix_input",
    level: "debug",
    sentence: "The agent's accountability_mode requires an intent with a summary and services.",
  },
  DELEGATION_ACCOUNTABILITY_VIOLATION: {
    status: 400,
    retry: "never",
    level: "info",
    audited: true,
    sentence: "The agent's accountability_mode is laxer than the passport requires.",
  },
  UNAUTHORIZED: {
    status: 401,
    retry: "after_action",
    level: "info",
    sentence: "No credentials were given.",
  },
  INVALID_API_KEY: {
    status: 401,
    retry: "after_action",
    level: "info",
    sentence: "The API key is not known.",
  },
  PASSPORT_EXPIRED: {
    status: 401,
    retry: "after_action",
    level: "info",
    sentence:
      "The passport has expired. stack_refresh_passport renews it, with its operator's key or its agent's signature.",
  },
  PASSPORT_REVOKED: {
    status: 401,
    retry: "after_action",
    level: "info",
    sentence: "The passport has been revoked. Its operator can issue another.",
  },
  INSUFFICIENT_CREDITS: {
    status: 402,
    retry: "after_action",
    level: "info",
    sentence: "The wallet does not cover the hold.",
  },
  FORBIDDEN: {
    status: 403,
    retry: "never",
    level: "info",
    audited: true,
    sentence: "The caller may not do this.",
  },
  PASSPORT_BLOCKED: {
    status: 403,
    retry: "after_action",
    level: "info",
    audited: true,
    sentence: "The agent is blocked from passports. stack_unblock_agent unblocks the agent.",
  },
  UNAUTHORIZED_SKILL_ACCESS: {
    status: 403,
    retry: "after_action",
    level: "info",
    audited: true,
    sentence: "The agent may not use this skill. Its operator allows it with stack_update_agent.",
  },
  MANDATE_EXCEEDED: {
    status: 403,
    retry: "after_action",
    level: "info",
    audited: true,
    sentence: "The passport's mandate, or the agent's budget, does not allow this purchase.",
  },
  IDENTITY_REQUIREMENTS_NOT_MET: {
    status: 403,
    retry: "after_action",
    level: "info",
    sentence: "The identity provider has not verified the claim.",
  },
  TIER_LIMIT_EXCEEDED: {
    status: 403,
    retry: "after_action",
    level: "info",
    sentence: "The plan's limit is reached. stack_subscribe takes a larger plan.",
  },
  TRUST_LEVEL_INSUFFICIENT: {
    status: 403,
    retry: "after_action",
    level: "info",
    sentence: "The skill requires a higher trust level.",
  },
  NOT_FOUND: {
    status: 404,
    retry: "fix_input",
    level: "debug",
    sentence: "Not found.",
  },
  SKILL_NOT_FOUND: {
    status: 404,
    retry: "fix_input",
    level: "debug",
    sentence: "There is no such skill. Find one with stack_browse_skills.",
  },
  INVOCATION_NOT_FOUND: {
    status: 404,
    retry: "fix_input",
    level: "debug",
    sentence: "There is no such invocation, or it belongs to somebody else.",
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retry: "fix_input",
    level: "debug",
    sentence: "The path does not accept this method.",
  },
  SERVICE_NOT_CONNECTED: {
    status: 409,
    retry: "after_action",
    level: "info",
    sentence: "A service that the skill calls is not connected.",
  },
  PROVIDER_NOT_CONFIGURED: {
    status: 409,
    retry: "after_action",
    level: "info",
    sentence: "No key is configured for the skill's model provider.",
  },
  SKILL_NOT_ACTIVE: {
    status: 409,
    retry: "never",
    level: "debug",
    sentence: "The skill is not active.",
  },
  INVOCATION_NOT_OPEN: {
    status: 409,
    retry: "never",
    level: "debug",
    sentence: "The invocation is not in a state that allows this.",
  },
  LEASE_LOST: {
    status: 409,
    retry: "never",
    level: "info",
    sentence: "The lease on the invocation has lapsed.",
  },
  IDEMPOTENCY_CONFLICT: {
    status: 409,
    retry: "fix_input",
    level: "info",
    sentence: "This idempotency_key was used before with another input. Use a new key.",
  },
  VERSION_CONFLICT: {
    status: 409,
    retry: "fix_input",
    level: "debug",
    sentence: "This version already exists.",
  },
  EXPIRED: { status: 410, retry: "never", level: "debug", sentence: "It has expired." },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    retry: "fix_input",
    level: "debug",
    sentence: "The payload is too large.",
  },
  UNSUPPORTED_ENCODING: {
    status: 415,
    retry: "fix_input",
    level: "debug",
    sentence: "The server does not accept this Content-Encoding.",
  },
  OUTPUT_INVALID: {
    status: 422,
    retry: "fix_input",
    level: "debug",
    sentence: "The output does not fit the skill's output_schema.",
  },
  RATE_LIMITED: {
    status: 429,
    retry: "later",
    level: "info",
    sentence: "Too many requests. Try again later.",
  },
  BUSY: {
    status: 503,
    retry: "later",
    level: "warn",
    sentence: "The server is busy. Try again in a moment.",
  },
  SANDBOX_UNAVAILABLE: {
    status: 503,
    retry: "later",
    level: "error",
    sentence: "The sandbox does not start. Run `stack-mcp doctor` to see why.",
  },
  PAYMENTS_UNAVAILABLE: {
    status: 503,
    retry: "after_action",
    level: "info",
    sentence: "No payment processor accepts this payment here.",
  },
  STORAGE_FULL: {
    status: 507,
    retry: "after_action",
    level: "error",
    sentence:
      "The disk or the database is full: nothing was changed. Free some space and try again.",
  },
  MISCONFIGURED: {
    status: 500,
    retry: "after_action",
    level: "error",
    sentence: "The server's configuration is wrong.",
  },
  INTERNAL: {
    status: 500,
    retry: "later",
    level: "error",
    sentence: "Something went wrong on the server.",
  },
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERRORS;

/** Tells whether a refusal is in the audit log of whoever was refused. */
export function isAudited(code: ErrorCode): boolean {
  const spec: ErrorSpec = ERRORS[code];
  return spec.audited === true;
}
