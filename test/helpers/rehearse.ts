import type { Transaction } from "../../storage/repository-table.ts";
import type { Store } from "../../storage/store.ts";

/**
 * From now on each transaction of a store is run twice, and what the first run did is rolled back:
 * a store with several writers does the same when two of them meet. Work that changes anything
 * outside its transaction is found by that.
 */
export function rehearse(store: Store): void {
  const transact = store.transact.bind(store);
  store.transact = async <T>(gates: readonly string[], work: (t: Transaction) => Promise<T>) => {
    await transact(gates, async (t) => {
      await work(t);
      throw new Error("only a rehearsal");
    }).catch(() => {});
    return transact(gates, work);
  };
}
