import { systemClock } from "../shared/clock.ts";
import { DomainError } from "../shared/errors.ts";

const DEADLINE_MS = 45_000;

/** Hides a processor's error from the caller: its reason is for the log. */
export async function atProcessor<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await within(work());
  } catch (error) {
    if (error instanceof DomainError) throw error;
    const message = `The payment processor ${name} did not take the request. Try again in a moment; nothing was charged.`;
    throw new DomainError("PAYMENTS_UNAVAILABLE", message, undefined, error);
  }
}

/** A library may wait for ever. */
async function within<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const tooLate = () => reject(new Error(`no answer within ${DEADLINE_MS} ms`));
  const timer = systemClock.after(DEADLINE_MS, tooLate, "background");
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.cancel();
  }
}

export function signedBadly(name: string, cause?: unknown): DomainError {
  return new DomainError(
    "FORBIDDEN",
    `This webhook was not signed by ${name}, or too long ago.`,
    undefined,
    cause,
  );
}
