import type { Runtime } from "../domain/market/skill.ts";
import { systemClock } from "../shared/clock.ts";
import { DomainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import type { GuestChild } from "./child.ts";
import type { Launcher } from "./launcher.ts";

/** A Python spare holds 140 MB, a JavaScript one 10. */
const SPARES: Readonly<Record<Runtime, number>> = { javascript: 2, python: 1 };
const GIVE_UP_AFTER = 3;
/** Spawning blocks for a moment: the work that asked for a child goes first. */
const REFILL_AFTER_MS = 10;
const BACK_OFF_MS = 100;
const BACK_OFF_CAP_MS = 5_000;

/**
 * Children of one runtime made ready ahead of time. The first comes with the first use, because
 * every MCP client has a server process of its own and most of them never run a skill.
 */
export class ChildPool {
  readonly #runtime: Runtime;
  readonly #launcher: Launcher;
  readonly #log: Logger;
  readonly #spares: GuestChild[] = [];
  readonly #closing = new AbortController();
  #failures = 0;
  #refilling = false;

  constructor(runtime: Runtime, launcher: Launcher, log: Logger) {
    this.#runtime = runtime;
    this.#launcher = launcher;
    this.#log = log;
  }

  /**
   * The oldest ready spare, or a cold child. Throws SANDBOX_UNAVAILABLE when children keep dying
   * before they are ready.
   */
  async acquire(): Promise<GuestChild> {
    const spare = this.#spares.shift();
    if (spare) this.#failures = 0;
    systemClock.after(REFILL_AFTER_MS, () => void this.#refill(), "background");
    if (spare) return spare;
    let lastError: unknown;
    for (let attempt = 0; attempt < GIVE_UP_AFTER && !this.#closing.signal.aborted; attempt++) {
      try {
        return await this.#launch();
      } catch (error) {
        if (error instanceof DomainError) throw error;
        lastError = error;
      }
    }
    throw new DomainError("SANDBOX_UNAVAILABLE", undefined, undefined, lastError);
  }

  /** Children that are ready and wait. */
  get spares(): number {
    return this.#spares.length;
  }

  /** Makes no more. The launcher ends those there are. */
  close(): void {
    this.#closing.abort();
    this.#spares.length = 0;
  }

  async #refill(): Promise<void> {
    if (this.#refilling) return;
    this.#refilling = true;
    try {
      while (this.#spares.length < SPARES[this.#runtime] && !this.#closing.signal.aborted)
        await this.#addSpare();
    } finally {
      this.#refilling = false;
    }
  }

  /**
   * Waits longer after each failure in a row, spares that die while they wait among them: a crash
   * loop must not spin.
   */
  async #addSpare(): Promise<void> {
    try {
      if (this.#failures > 0) await this.#backOff();
      const child = await this.#launch();
      if (this.#closing.signal.aborted) return child.kill();
      this.#spares.push(child);
      void child.closed.then(() => this.#forget(child));
    } catch (error) {
      // Closing kills what is starting, and that is no fault.
      if (this.#closing.signal.aborted) return;
      const { runtime, failures } = { runtime: this.#runtime, failures: this.#failures };
      this.#log.warn({ err: error, runtime, failures }, "a sandbox child did not become ready");
    }
  }

  async #backOff(): Promise<void> {
    const ms = Math.min(BACK_OFF_MS * 2 ** this.#failures, BACK_OFF_CAP_MS);
    await systemClock.sleep(ms, this.#closing.signal);
  }

  async #launch(): Promise<GuestChild> {
    try {
      return await this.#launcher.launch(this.#runtime);
    } catch (error) {
      this.#failures++;
      throw error;
    }
  }

  #forget(child: GuestChild): void {
    const at = this.#spares.indexOf(child);
    if (at < 0) return;
    this.#spares.splice(at, 1);
    this.#failures++;
    if (!this.#closing.signal.aborted) void this.#refill();
  }
}
