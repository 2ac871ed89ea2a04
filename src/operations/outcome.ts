import type { DomainError } from "../shared/errors.ts";

/** The end of a call: its value, or the error that it is answered with. */
export type Outcome =
  | { readonly ok: true; readonly value: Record<string, unknown> }
  | { readonly ok: false; readonly error: DomainError };
