import type { ChainReport } from "../../../storage/repositories/audit.ts";
import type { Store } from "../../../storage/store.ts";

export class AuditService {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Walks every operator's chain. A report with a `problem` names the first row that is wrong. */
  async verify(): Promise<ChainReport[]> {
    return this.#store.read((r) => r.audit.verifyAll());
  }
}
