import type { SkillVersion } from "../../../../storage/repositories/skill-rows.ts";
import type { Transaction } from "../../../../storage/repository-table.ts";
import type { Store } from "../../../../storage/store.ts";
import type { Caller } from "../../../domain/identity/caller.ts";
import { isTerminal } from "../../../domain/runs/invocation.ts";
import type { Clock } from "../../../shared/clock.ts";
import { digestOf } from "../../../shared/json.ts";
import { LIMITS } from "../../../shared/limits.ts";
import { cancelInvocation } from "../run/finalize-invocation.ts";
import type { InvocationWorker } from "../run/invocation-worker.ts";
import { endOverdue } from "../run/overdue-invocations.ts";

export interface SameCallParts {
  readonly store: Store;
  readonly worker: Pick<InvocationWorker, "isContained" | "drop">;
  readonly clock: Clock;
}

/**
 * The mark by which identical calls are recognised. A caller that repeats a call with the same
 * content and bounds gets the open run, or the one that completed a moment ago (docs/adr/0022). A
 * failed run is never returned.
 */
export interface SameCall {
  readonly digest: string;
  /** Time for which a completed run is returned to identical calls, in ms. */
  readonly keptMs: number;
}

export function sameCallOf(
  version: SkillVersion,
  callDigest: string | undefined,
): SameCall | undefined {
  if (callDigest === undefined) return undefined;
  const digest = digestOf([callDigest, version.digest]);
  return { digest, keptMs: version.volatile === 1 ? 0 : LIMITS.sameCallMs };
}

/** Joins the invocation of an identical call; undefined: the call starts its own. */
export async function joinSame(
  t: Transaction,
  call: SameCall | undefined,
  now: number,
): Promise<string | undefined> {
  const first = call && (await t.invocations.findSame(call.digest, now - call.keptMs));
  if (!first || (await endOverdue(t, first, now))) return undefined;
  const { id, status, calls } = (await t.invocations.find(first.id)) ?? first;
  if (!isTerminal(status)) await t.invocations.update(id, { status }, { calls: calls + 1 });
  return id;
}

/**
 * Cancels an invocation whose caller left before it got the id: only while nothing of the run has
 * left the machine and no other call joined it. Any other run continues, so that an identical call
 * finds it.
 */
export async function abandon(
  parts: SameCallParts,
  { operatorId }: Caller,
  id: string,
): Promise<void> {
  const { store, worker, clock } = parts;
  await store.transact([operatorId], async (t) => {
    const current = await t.invocations.find(id);
    if (!current || current.calls > 1 || isTerminal(current.status)) return;
    const { status } = current;
    if (status === "processing" && !worker.isContained(id)) return;
    if (await cancelInvocation(t, current, { status }, clock.now()))
      t.onCommit(() => worker.drop(id));
  });
}
