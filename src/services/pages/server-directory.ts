import type { Store } from "../../../storage/store.ts";
import type { Clock } from "../../shared/clock.ts";
import { newId } from "../../shared/ids.ts";
import type { Logger } from "../../shared/logger.ts";

const LEASE_MS = 60_000;
const RENEW_MS = 20_000;

/** Where pages of this database are served: by this process or by another, which says so under a lease. */
export class ServerDirectory {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(store: Store, clock: Clock, log: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Without a slash at the end; undefined when no page is served. */
  async current(): Promise<string | undefined> {
    return this.#store.read((r) => r.pageServers.current(this.#clock.now()));
  }

  /** Says that this process serves pages under `url`, until it is stopped. */
  async announce(url: string): Promise<() => Promise<void>> {
    const id = newId("proc");
    const renew = () =>
      this.#store.transact([], (t) => t.pageServers.renew(id, url, this.#clock.now() + LEASE_MS));
    await renew();
    const renewal = this.#clock.every(RENEW_MS, () => {
      renew().catch((error: unknown) =>
        this.#log.warn({ err: error }, "the pages were not announced"),
      );
    });
    return async () => {
      renewal.cancel();
      await this.#store.transact([], (t) => t.pageServers.remove(id, this.#clock.now()));
    };
  }
}
