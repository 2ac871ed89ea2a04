import type { IdempotencyKey } from "../../storage/repositories/idempotency.ts";

/** The ways a call that may wait is followed and given up, and its repetition told. */
export interface CallOptions {
  /** Aborted when nobody waits any more, or the server stops. */
  readonly signal: AbortSignal;
  /** True once the caller has gone: no answer reaches it. */
  readonly isGivenUp: () => boolean;
  /** Digest of who asks for what; undefined with a key, and where another run is asked for. */
  readonly callDigest?: string | undefined;
  readonly idempotency?: IdempotencyKey | undefined;
  readonly progress?:
    | ((report: {
        readonly progress: number;
        readonly total?: number;
        readonly message: string;
      }) => void)
    | undefined;
}
