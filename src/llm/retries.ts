import { systemClock } from "../shared/clock.ts";

/** The answer to a refused request, as far as it decides whether and when to ask again. */
export interface Refused {
  readonly status?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly param?: unknown;
  readonly message?: unknown;
  readonly headers?: { get?(name: string): string | null } | undefined;
}

const FIRST_PAUSE_MS = 500;
const PASSING: readonly unknown[] = [408, 409, 429];

/** True where the key's money is gone: no waiting helps. */
export function isQuota({ status, code, type }: Refused): boolean {
  return (
    status === 429 &&
    [code, type].some(
      (said) => said === "insufficient_quota" || said === "billing_hard_limit_reached",
    )
  );
}

/** True where no answer came: one that came and cannot be read may have been paid for. */
function isUnreached(error: Refused): boolean {
  return error instanceof Error && /^APIConnection/.test(error.constructor.name);
}

/**
 * The time to wait before asking again, in ms, as the provider says or longer each time; undefined
 * where it is no use.
 */
export function pauseBefore(tried: number, error: Refused): number | undefined {
  const { status } = error;
  const isPassing = isUnreached(error) || PASSING.includes(status) || Number(status) >= 500;
  if (!isPassing || isQuota(error)) return undefined;
  return saidPause(error) ?? FIRST_PAUSE_MS * 2 ** tried;
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date. */
function saidPause({ headers }: Refused): number | undefined {
  const header = (name: string) => headers?.get?.(name) ?? undefined;
  const ms = Number.parseFloat(header("retry-after-ms") ?? "");
  if (ms >= 0) return ms;
  const after = header("retry-after");
  if (after === undefined) return undefined;
  const seconds = Number(after);
  const pause = Number.isNaN(seconds) ? Date.parse(after) - systemClock.now() : seconds * 1_000;
  return Number.isNaN(pause) ? undefined : Math.max(0, pause);
}

const ADAPTABLE = ["temperature", "max_tokens", "max_completion_tokens"] as const;
export type Adaptable = (typeof ADAPTABLE)[number];

const UNSUPPORTED_CODES: readonly unknown[] = [
  "unsupported_parameter",
  "unsupported_value",
  "unknown_parameter",
];
const UNSUPPORTED = /unsupported|not support|unknown|unrecognized|instead/i;

/**
 * The parameter of a request that a provider does not take from this model; undefined when it
 * names none.
 */
export function refusedParameter(
  { status, param, code, message }: Refused,
  request: object,
): Adaptable | undefined {
  if (status !== 400 && status !== 422) return undefined;
  // A value that is out of its bounds is its author's to mend, and is not left out behind its back.
  if (!UNSUPPORTED_CODES.includes(code) && !UNSUPPORTED.test(String(message))) return undefined;
  const sent = ADAPTABLE.filter((one) => one in request);
  // Some name it in their sentence alone, beside the one to use in its place.
  return sent.find((one) => one === param) ?? sent.find((one) => String(message).includes(one));
}
