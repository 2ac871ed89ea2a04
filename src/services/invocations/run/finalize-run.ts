import type { Store } from "../../../../storage/store.ts";
import type { Clock } from "../../../shared/clock.ts";
import { DomainError } from "../../../shared/errors.ts";
import type { Logger } from "../../../shared/logger.ts";
import { type Assignment, runEndOf } from "./assignment.ts";
import { completeInvocation, failInvocation } from "./finalize-invocation.ts";
import type { PipelineResult } from "./pipeline-run.ts";

const ATTEMPTS = 10;
const AGAIN_MS = 1_000;

export interface RecordParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Recording {
  /** The process with the lease on the invocation: without that lease nothing is recorded. */
  readonly leaseOwner: string;
  readonly isStopping: () => boolean;
}

/**
 * Records the end of a run. Tries again while the database is busy or full: the lease is renewed
 * meanwhile, and the result is paid work.
 */
export async function finalizeRun(
  { store, clock, log }: RecordParts,
  { leaseOwner, isStopping }: Recording,
  { invocation }: Assignment,
  result: PipelineResult,
): Promise<void> {
  const guard = { status: "processing", leaseOwner } as const;
  const ending = runEndOf(invocation, result);
  const end = () =>
    store.transact([invocation.buyer_id, invocation.publisher_id], (t) =>
      ending.kind === "completed"
        ? completeInvocation(t, invocation, {
            guard,
            completion: ending.completion,
            now: clock.now(),
          })
        : failInvocation(t, invocation, { guard, failure: ending.failure, now: clock.now() }),
    );
  for (let attempt = 1; ; attempt++) {
    try {
      const isRecorded = await end();
      if (!isRecorded)
        log.warn(
          { invocation_id: invocation.id },
          "the lease was lost before the result was recorded",
        );
      return;
    } catch (error) {
      const isPassing =
        error instanceof DomainError && (error.code === "BUSY" || error.code === "STORAGE_FULL");
      if (!isPassing || attempt === ATTEMPTS || isStopping()) throw error;
      await clock.sleep(AGAIN_MS);
    }
  }
}
