import type { Invocation } from "../../../../storage/repositories/invocations.ts";
import { sealedOwner } from "../../../../storage/repositories/sealed-blobs.ts";
import type { Store } from "../../../../storage/store.ts";
import type { LlmProviders } from "../../../llm/llm-providers.ts";
import type { Clock } from "../../../shared/clock.ts";
import { measureText } from "../../../shared/payload.ts";
import type { Assignment } from "./assignment.ts";

export interface ClaimParts {
  readonly store: Store;
  readonly llm: Pick<LlmProviders, "canServe">;
  readonly clock: Clock;
}

type Lease = { readonly lease_owner: string; readonly lease_expires_at: number };

/**
 * Takes the oldest queued work that this process can serve, under a lease of its own; undefined
 * when there is none.
 */
export async function claimNextInvocation(
  parts: ClaimParts,
  lease: () => Lease,
): Promise<Assignment | undefined> {
  const { store, llm, clock } = parts;
  const canServe = (providers: readonly string[]) => llm.canServe(providers);
  for (;;) {
    const next = await store.read((r) => r.invocations.findQueued(clock.now(), canServe));
    if (!next) return undefined;
    const claimed = await store.transact([next.buyer_id], (t) => {
      const change = { status: "processing", started_at: clock.now(), ...lease() } as const;
      return t.invocations.update(next.id, { status: "pending" }, change);
    });
    if (claimed) return assign(store, claimed);
  }
}

async function assign(store: Store, invocation: Invocation): Promise<Assignment> {
  return store.read(async (r) => {
    const version = await r.skills.getVersion(invocation.version_id);
    const input = measureText(await r.sealed.open(sealedOwner.input(invocation.id)));
    return { invocation, version, input };
  });
}
