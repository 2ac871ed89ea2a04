import { setTimeout as delay } from "node:timers/promises";
import { DomainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { GuestChild } from "./child.ts";
import type { ChildCommand } from "./child-command.ts";

const SPARES = 2;
const GIVE_UP_AFTER = 3;
const READY_WITHIN_MS = 10_000;
/** Spawning blocks for a moment: the work that asked for a child goes first. */
const REFILL_AFTER_MS = 10;
const BACK_OFF_MS = 100;
const BACK_OFF_CAP_MS = 5_000;

/**
 * Children made ready ahead of time. The first comes with the first use, because every MCP client has a server process of
 * its own and most of them never run a skill.
 */
export class ChildPool {
  readonly #findCommand: () => ChildCommand;
  #command: ChildCommand | undefined;
  readonly #log: Logger;
  readonly #spares: GuestChild[] = [];
  readonly #starting = new Set<GuestChild>();
  readonly #closing = new AbortController();
  #failures = 0;
  #refilling = false;

  constructor(findCommand: () => ChildCommand, log: Logger) {
    this.#findCommand = findCommand;
    this.#log = log;
  }

  /** The oldest ready spare, or a cold child. Throws SANDBOX_UNAVAILABLE when children keep dying before they are ready. */
  async acquire(): Promise<GuestChild> {
    const spare = this.#spares.shift();
    setTimeout(() => void this.#refill(), REFILL_AFTER_MS).unref();
    if (spare) return spare;
    let lastError: unknown;
    for (let attempt = 0; attempt < GIVE_UP_AFTER && !this.#closing.signal.aborted; attempt++) {
      try {
        return await this.#spawnReady();
      } catch (error) {
        lastError = error;
      }
    }
    throw new DomainError("SANDBOX_UNAVAILABLE", undefined, undefined, lastError);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const spares = [...this.#spares.splice(0), ...this.#starting];
    for (const spare of spares) spare.kill();
    await Promise.all(spares.map((spare) => spare.closed));
  }

  async #refill(): Promise<void> {
    if (this.#refilling) return;
    this.#refilling = true;
    try {
      while (this.#spares.length < SPARES && !this.#closing.signal.aborted) await this.#addSpare();
    } finally {
      this.#refilling = false;
    }
  }

  /** Waits longer after each failure in a row: a crash loop must not spin. */
  async #addSpare(): Promise<void> {
    try {
      const child = await this.#spawnReady();
      if (this.#closing.signal.aborted) return child.kill();
      this.#spares.push(child);
      void child.closed.then(() => this.#forget(child));
    } catch (error) {
      // Closing kills what is starting, and that is no fault.
      if (this.#closing.signal.aborted) return;
      this.#log.warn({ err: error, failures: this.#failures }, "a sandbox child did not become ready");
      const backOff = Math.min(BACK_OFF_MS * 2 ** this.#failures, BACK_OFF_CAP_MS);
      await delay(backOff, undefined, { signal: this.#closing.signal, ref: false }).catch(() => {});
    }
  }

  /** A child that does not get ready in time is as good as dead. */
  async #spawnReady(): Promise<GuestChild> {
    this.#command ??= this.#findCommand();
    const child = new GuestChild(this.#command);
    this.#starting.add(child);
    const deadline = setTimeout(() => child.kill(), READY_WITHIN_MS);
    try {
      await child.ready;
      this.#failures = 0;
      return child;
    } catch (error) {
      this.#failures++;
      throw error;
    } finally {
      clearTimeout(deadline);
      this.#starting.delete(child);
    }
  }

  #forget(child: GuestChild): void {
    const at = this.#spares.indexOf(child);
    if (at < 0) return;
    this.#spares.splice(at, 1);
    if (!this.#closing.signal.aborted) void this.#refill();
  }
}
