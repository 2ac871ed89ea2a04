import type { Store } from "../../../storage/store.ts";
import type { Clock } from "../../shared/clock.ts";
import { newId } from "../../shared/ids.ts";
import type { Logger } from "../../shared/logger.ts";

const LEASE_MS = 60_000;
const RENEW_MS = 20_000;

export interface ServerDirectoryParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The address of the pages of this database: served by this process, or by another one under a
 * lease.
 */
export class ServerDirectory {
  readonly #parts: ServerDirectoryParts;

  constructor(parts: ServerDirectoryParts) {
    this.#parts = parts;
  }

  /** Returns the address without a final slash; undefined when no page is served. */
  async current(): Promise<string | undefined> {
    return this.#parts.store.read((r) => r.pageServers.current(this.#parts.clock.now()));
  }

  /** Announces this process as the server of pages under `url`; returns a function that ends it. */
  async announce(url: string): Promise<() => Promise<void>> {
    const id = newId("proc");
    const renew = () =>
      this.#parts.store.transact([], (t) =>
        t.pageServers.renew(id, url, this.#parts.clock.now() + LEASE_MS),
      );
    await renew();
    const renewal = this.#parts.clock.every(RENEW_MS, () => {
      renew().catch((error: unknown) =>
        this.#parts.log.warn({ err: error }, "the pages were not announced"),
      );
    });
    return async () => {
      renewal.cancel();
      await this.#parts.store.transact([], (t) =>
        t.pageServers.remove(id, this.#parts.clock.now()),
      );
    };
  }
}
