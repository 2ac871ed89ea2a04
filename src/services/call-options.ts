import type { IdempotencyKey } from "../../storage/repositories/idempotency.ts";

/** Options of a call that may wait: progress, abort, and the digest of a repeated call. */
export interface CallOptions {
  /** Aborted when no caller waits any more, or the server stops. */
  readonly signal: AbortSignal;
  /** True once the caller has disconnected: no answer reaches it. */
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
