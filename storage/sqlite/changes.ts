import { EventEmitter } from "node:events";
import type Database from "better-sqlite3";
import { systemClock, type Timer } from "../../src/shared/clock.ts";

const WATCHED_MS = 2;
const IDLE_MS = 250;

/**
 * Tells when the database was changed: by this process at once, by another one within milliseconds
 * while somebody waits and within a quarter of a second otherwise (`PRAGMA data_version`, which
 * costs a few microseconds).
 */
export class ChangeFeed {
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #version: Database.Statement;
  #last: unknown;
  #count = 0;
  #waiters = 0;
  #timer: Timer | undefined;

  constructor(readHandle: Database.Database) {
    this.#version = readHandle.prepare("pragma data_version").pluck();
    this.#last = this.#version.get();
  }

  /**
   * Calls back after each change, for as long as the process has other reasons to live. Returns how
   * to stop.
   */
  subscribe(listener: () => void): () => void {
    this.#events.on("change", listener);
    this.#schedule();
    return () => {
      this.#events.off("change", listener);
      this.#schedule();
    };
  }

  /** Looks as often as for somebody who waits. Returns how to stop. */
  watch(): () => void {
    this.#waiters++;
    this.#schedule();
    return () => {
      this.#waiters--;
      this.#schedule();
    };
  }

  /**
   * Changes with every commit of every process: what was read under the same version is still so.
   */
  version(): unknown {
    return this.#version.get();
  }

  /**
   * A point in time. Take it before reading, so that a change right after the read is not missed.
   */
  mark(): number {
    return this.#count;
  }

  /**
   * Resolves at the first change after `mark`, after `timeoutMs`, or when the signal aborts:
   * whichever comes first.
   */
  async next(mark: number, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || mark !== this.#count) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = systemClock.after(timeoutMs, resolve);
    const onAbort = () => resolve();
    signal?.addEventListener("abort", onAbort);
    this.#events.once("change", resolve);
    this.#waiters++;
    this.#schedule();
    try {
      await promise;
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
      this.#events.off("change", resolve);
      this.#waiters--;
      this.#schedule();
    }
  }

  /** Called by the store after each of its own commits. */
  announce(): void {
    this.#last = this.#version.get();
    this.#emit();
  }

  close(): void {
    this.#timer?.cancel();
    this.#emit();
    this.#events.removeAllListeners();
  }

  #schedule(): void {
    this.#timer?.cancel();
    if (this.#events.listenerCount("change") === 0) return;
    this.#timer = systemClock.every(this.#waiters > 0 ? WATCHED_MS : IDLE_MS, () => this.#poll());
  }

  #poll(): void {
    const version = this.#version.get();
    if (version === this.#last) return;
    this.#last = version;
    this.#emit();
  }

  #emit(): void {
    this.#count++;
    this.#events.emit("change");
  }
}
