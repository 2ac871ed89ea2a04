import type { Credential } from "../../../services/auth/authentication-service.ts";
import { systemClock } from "../../../shared/clock.ts";
import { LIMITS } from "../../../shared/limits.ts";

/** The owner of a session: another key, of the same operator even, does not find the session. */
export interface Owner {
  readonly operatorId: string;
  readonly credential: Credential;
  /** The agent that it is, or came from; undefined for an operator. */
  readonly agentId: string | undefined;
  /** Tells owners apart: a key, an agent, a passport. */
  readonly principal: string;
}

interface Entry<T> {
  readonly session: T;
  owner: Owner;
  readonly close: () => Promise<void>;
  lastUsed: number;
  /** Streams that the client holds open: a session with one is not idle. */
  streams: number;
}

const LOOK_MS = 60_000;

/** Sessions of clients that keep one. There are only so many, and an idle one ends. */
export class ClientSessions<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #timer = systemClock.every(LOOK_MS, () => void this.#look());
  readonly #isGood: (owner: Owner) => Promise<boolean>;

  /** `isGood`: whether an owner's key still is. */
  constructor(isGood: (owner: Owner) => Promise<boolean>) {
    this.#isGood = isGood;
  }

  /**
   * Clients often leave without a word: the session that was used longest ago makes room, an
   * operator's own first.
   */
  add(id: string, owner: Owner, session: T, close: () => Promise<void>): void {
    const isOwn = (other: Owner) =>
      other.operatorId === owner.operatorId && other.agentId === owner.agentId;
    const own = [...this.#entries].filter(([, entry]) => isOwn(entry.owner));
    if (own.length >= LIMITS.sessions.operator) this.#end(stalest(own));
    else if (this.#entries.size >= LIMITS.sessions.all) this.#end(stalest([...this.#entries]));
    this.#entries.set(id, { session, owner, close, lastUsed: systemClock.elapsed(), streams: 0 });
  }

  find(id: string, owner: Owner): T | undefined {
    const entry = this.#entries.get(id);
    if (entry?.owner.operatorId !== owner.operatorId || entry.owner.principal !== owner.principal)
      return undefined;
    entry.owner = owner;
    entry.lastUsed = systemClock.elapsed();
    return entry.session;
  }

  /**
   * The session is not idle until the stream that is given back has ended, whichever side ends it.
   */
  hold(id: string, response: Response): Response {
    const entry = this.#entries.get(id);
    if (!entry || !response.ok || !response.body) return response;
    entry.streams++;
    return onEnd(response, () => {
      entry.streams--;
      entry.lastUsed = systemClock.elapsed();
    });
  }

  /** Lists the entries of every owner. */
  *all(): Iterable<T> {
    for (const { session } of this.#entries.values()) yield session;
  }

  remove(id: string): void {
    this.#entries.delete(id);
  }

  async closeAll(): Promise<void> {
    this.#timer.cancel();
    await Promise.all([...this.#entries.values()].map(({ close }) => close()));
    this.#entries.clear();
  }

  async #look(): Promise<void> {
    const before = systemClock.elapsed() - LIMITS.sessions.idleMs;
    for (const [id, { streams, lastUsed, owner }] of [...this.#entries]) {
      const isIdle = streams === 0 && lastUsed <= before;
      if (isIdle || !(await this.#isGood(owner))) this.#end(id);
    }
  }

  #end(id: string): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    void entry?.close();
  }
}

/** Tells when a response has been sent whole, or nobody reads it any more. */
export function onEnd(response: Response, then: () => void): Response {
  const { body, status, headers } = response;
  if (!body) {
    then();
    return response;
  }
  // The type of Node lacks `cancel`, which the standard has.
  const hooks = { flush: then, cancel: then };
  const passing = new TransformStream<Uint8Array, Uint8Array>(hooks);
  return new Response(body.pipeThrough(passing), { status, headers });
}

/** One with an open stream is in use, however long nothing was said. */
function stalest(entries: readonly [string, Entry<unknown>][]): string {
  const inOrder = [...entries].sort(
    ([, a], [, b]) => Number(a.streams > 0) - Number(b.streams > 0) || a.lastUsed - b.lastUsed,
  );
  return inOrder[0]?.[0] ?? "";
}
