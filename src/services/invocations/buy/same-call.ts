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
 * A call as another one is told to be the same: whoever asks the same content for the same, within
 * the same bounds, gets what is under way, or what completed a moment ago (docs/adr/0022). What
 * failed is never handed back.
 */
export interface SameCall {
  readonly digest: string;
  /** A completed run is handed back for so long, in ms. */
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

/** The invocation that this call joins; undefined: it begins one. */
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
 * Ends what a call began that nobody waits for any more and whose id nobody has: while nothing of
 * it has left the machine, and no other call joined it. Afterwards it runs on, so that the same
 * call finds it.
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
