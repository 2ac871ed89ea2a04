import { DomainError } from "../shared/errors.ts";

/** What a processor's library throws says nothing to a caller: the reason is for the log. */
export async function atProcessor<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    const message = `The payment processor ${name} did not take the request. Try again in a moment; nothing was charged.`;
    throw new DomainError("PAYMENTS_UNAVAILABLE", message, undefined, error);
  }
}

export function signedBadly(name: string, cause?: unknown): DomainError {
  return new DomainError("FORBIDDEN", `This webhook was not signed by ${name}, or too long ago.`, undefined, cause);
}
