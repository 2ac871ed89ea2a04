import { LIMITS } from "../../../shared/limits.ts";

/** Whom a session belongs to: another key, of the same operator even, does not find it. */
export interface Owner {
  readonly operatorId: string;
  /** Tells keys apart without being one. */
  readonly keyName: string;
}

interface Entry<T> {
  readonly session: T;
  readonly owner: Owner;
  readonly close: () => Promise<void>;
  lastUsed: number;
  /** Streams that the client holds open: a session with one is not idle. */
  streams: number;
}

const LOOK_MS = 60_000;

/** Sessions of clients that keep one. There are only so many, and an idle one ends. */
export class ClientSessions<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #timer = setInterval(() => this.#endIdle(), LOOK_MS).unref();

  hasRoom({ operatorId }: Owner): boolean {
    const own = [...this.#entries.values()].filter(({ owner }) => owner.operatorId === operatorId);
    return this.#entries.size < LIMITS.sessions.all && own.length < LIMITS.sessions.operator;
  }

  add(id: string, owner: Owner, session: T, close: () => Promise<void>): void {
    this.#entries.set(id, { session, owner, close, lastUsed: Date.now(), streams: 0 });
  }

  find(id: string, owner: Owner): T | undefined {
    const entry = this.#entries.get(id);
    if (entry?.owner.operatorId !== owner.operatorId || entry.owner.keyName !== owner.keyName) return undefined;
    entry.lastUsed = Date.now();
    return entry.session;
  }

  /** While `until` is not aborted, the session is not idle. */
  hold(id: string, until: AbortSignal): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.streams++;
    until.addEventListener("abort", () => {
      entry.streams--;
      entry.lastUsed = Date.now();
    });
  }

  remove(id: string): void {
    this.#entries.delete(id);
  }

  async closeAll(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#entries.values()].map(({ close }) => close()));
    this.#entries.clear();
  }

  #endIdle(): void {
    const before = Date.now() - LIMITS.sessions.idleMs;
    for (const [id, { streams, lastUsed, close }] of this.#entries) {
      if (streams > 0 || lastUsed > before) continue;
      this.#entries.delete(id);
      void close();
    }
  }
}
