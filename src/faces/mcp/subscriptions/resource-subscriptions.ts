import { systemClock, type Timer, yieldToOthers } from "../../../shared/clock.ts";

export const MAX_WATCHED = 100;
const PAUSE_MS = 50;
/** Looking takes no more than this part of the time, however often the database changes. */
const SHARE = 0.1;

export interface SubscriptionParts {
  /** The text of a resource now. */
  readonly read: (uri: string) => Promise<string | undefined>;
  readonly announce: (uri: string) => void;
  /** Calls back after every change of the database; returns how to stop. */
  readonly onChange: (listener: () => void) => Promise<() => void>;
}

/**
 * Tells a client of changes to the resources that it subscribed to. Nothing is watched while
 * nothing is subscribed.
 */
export class ResourceSubscriptions {
  readonly #parts: SubscriptionParts;
  /** The text of each watched resource, as it was last seen. */
  readonly #seen = new Map<string, string>();
  #stop: Promise<() => void> | undefined;
  #pause: Timer | undefined;
  #pauseMs = PAUSE_MS;
  #closed = false;
  #looks: Promise<void> = Promise.resolve();

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
  }

  /** False for what there is nothing of, or not for this session: that is not watched. */
  async add(uri: string): Promise<boolean> {
    if (this.#seen.has(uri)) return true;
    if (this.#closed || this.#seen.size >= MAX_WATCHED) return false;
    const text = await this.#parts.read(uri);
    if (text === undefined || this.#closed) return false;
    this.#seen.set(uri, text);
    this.#stop ??= this.#parts.onChange(() => this.#lookSoon());
    // What changed between the reading and the watching is a change.
    this.#lookSoon();
    return true;
  }

  remove(uri: string): void {
    this.#seen.delete(uri);
    if (this.#seen.size === 0) this.#rest();
  }

  close(): void {
    this.#closed = true;
    this.#seen.clear();
    this.#rest();
  }

  #rest(): void {
    this.#pause?.cancel();
    this.#pause = undefined;
    void this.#stop?.then((stop) => stop());
    this.#stop = undefined;
  }

  #lookSoon(): void {
    const look = () => {
      this.#pause = undefined;
      this.#looks = this.#looks.then(() => this.#look()).catch(() => {});
    };
    this.#pause ??= systemClock.after(this.#pauseMs, look, "background");
  }

  async #look(): Promise<void> {
    const began = systemClock.elapsed();
    for (const [uri, before] of [...this.#seen]) {
      // Others have their turn in between.
      await yieldToOthers();
      const now = await this.#parts.read(uri);
      if (now === undefined || now === before || !this.#seen.has(uri)) continue;
      this.#seen.set(uri, now);
      this.#parts.announce(uri);
    }
    this.#pauseMs = Math.max(PAUSE_MS, (systemClock.elapsed() - began) / SHARE);
  }
}
