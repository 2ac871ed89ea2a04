import type { Store } from "../../storage/store.ts";
import type { Clock } from "../shared/clock.ts";
import { newId } from "../shared/ids.ts";

/** Longer than any request to a processor takes. */
const LEASE_MS = 60_000;

/**
 * Does `work` under a lease; undefined while another process of this database holds it. A request
 * to a processor cannot be undone, so no two processes send it at once.
 */
export async function withLease<T>(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  name: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const owner = newId("proc");
  const isHeld = await store.transact([], (t) => {
    const now = clock.now();
    return t.leases.take(name, owner, now, now + LEASE_MS);
  });
  if (!isHeld) return undefined;
  try {
    return await work();
  } finally {
    await store.transact([], (t) => t.leases.release(name, owner));
  }
}
