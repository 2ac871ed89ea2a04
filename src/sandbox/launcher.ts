import type { Runtime } from "../domain/market/skill.ts";
import { OPTIONAL_LAYERS, type OptionalLayer } from "../domain/runs/isolation.ts";
import { systemClock } from "../shared/clock.ts";
import { DomainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { GuestChild } from "./child.ts";
import { type ChildCommand, childCommand } from "./child-command.ts";
import { candidateIsolations, type Isolation, layersOf, reasonWithout } from "./isolation.ts";
import type { PythonSnapshot } from "./python-snapshot.ts";

const READY_WITHIN_MS = 10_000;

export interface LauncherParts {
  readonly log: Logger;
  /** Layers without which no child is started. */
  readonly require: readonly OptionalLayer[];
  readonly snapshot: PythonSnapshot | undefined;
  readonly command?: typeof childCommand;
  /** The isolations to try, the strongest first. */
  readonly isolations?: readonly Isolation[] | undefined;
}

/** The usual cause. */
const HINTS: Partial<Record<OptionalLayer, string>> = {
  "uid-drop": "; nobody must be able to read the program's folder",
  "network-namespace": "; the system may forbid user namespaces",
  bubblewrap: "; the system may forbid user namespaces",
};

/** The state of an optional layer here, and the reason where it does not hold. */
export interface LayerState {
  readonly layer: OptionalLayer;
  readonly active: boolean;
  readonly reason: string | undefined;
}

/**
 * Starts children. With the first one it finds the strongest isolation that works on this machine,
 * and stays with it: a child that later lacks one of its layers is not used.
 */
export class Launcher {
  readonly #parts: LauncherParts;
  /** Until their processes are gone. */
  readonly #children = new Set<GuestChild>();
  readonly #failures = new Map<OptionalLayer, string>();
  #isolation: Promise<Isolation> | undefined;
  #closed = false;

  constructor(parts: LauncherParts) {
    this.#parts = parts;
  }

  /**
   * A child that is ready. Throws what kept it from being so; SANDBOX_UNAVAILABLE when a required
   * layer does not hold.
   */
  async launch(runtime: Runtime): Promise<GuestChild> {
    const isolation = await this.isolation();
    const snapshot = runtime === "python" ? await this.#parts.snapshot?.find(isolation) : undefined;
    const { command = childCommand } = this.#parts;
    return this.#start(runtime, command({ runtime, isolation, snapshot }), isolation);
  }

  /**
   * Returns the isolation of every child. Throws SANDBOX_UNAVAILABLE, also when it lacks a required
   * layer.
   */
  async isolation(): Promise<Isolation> {
    const found = await this.#strongest();
    this.#requireLayers(found);
    return found;
  }

  /**
   * Every layer that a machine may lack. Throws SANDBOX_UNAVAILABLE when no child gets ready at
   * all.
   */
  async layers(): Promise<LayerState[]> {
    const holding = layersOf(await this.#strongest());
    return OPTIONAL_LAYERS.map((layer) => ({
      layer,
      active: holding.includes(layer),
      reason: holding.includes(layer) ? undefined : this.#reasonWithout(layer),
    }));
  }

  /** Ends every child that it started, also one that has just given its verdict. */
  async close(): Promise<void> {
    this.#closed = true;
    const children = [...this.#children];
    for (const child of children) child.kill();
    await Promise.all(children.map((child) => child.closed));
  }

  async #strongest(): Promise<Isolation> {
    this.#isolation ??= this.#choose();
    try {
      return await this.#isolation;
    } catch (error) {
      this.#isolation = undefined;
      throw error;
    }
  }

  async #choose(): Promise<Isolation> {
    const { isolations = candidateIsolations(), log } = this.#parts;
    let lastError: unknown;
    // Twice each: a machine that is busy for a moment is no machine without layers.
    for (const isolation of isolations.flatMap((one) => [one, one])) {
      try {
        await this.#try(isolation);
      } catch (error) {
        // Not this way of starting one, but all of them.
        if (error instanceof DomainError) throw error;
        lastError = error;
        this.#noteFailure(isolation, error as Error);
        continue;
      }
      const broken = [...this.#failures].filter(([layer]) => !layersOf(isolation).includes(layer));
      if (broken.length > 0)
        log.warn({ layers: Object.fromEntries(broken) }, "sandbox layers that do not work here");
      return isolation;
    }
    throw new DomainError("SANDBOX_UNAVAILABLE", undefined, undefined, lastError);
  }

  async #try(isolation: Isolation): Promise<void> {
    const { command = childCommand } = this.#parts;
    const child = await this.#start(
      "javascript",
      command({ runtime: "javascript", isolation }),
      isolation,
    );
    child.kill();
  }

  #noteFailure(isolation: Isolation, error: Error): void {
    for (const layer of layersOf(isolation)) this.#failures.set(layer, error.message);
  }

  #requireLayers(isolation: Isolation): void {
    const holding = layersOf(isolation);
    const missing = this.#parts.require.filter((layer) => !holding.includes(layer));
    if (missing.length === 0) return;
    const why = missing.map((layer) => `${layer} (${this.#reasonWithout(layer)})`).join(", ");
    const message = `STACK_SANDBOX_REQUIRE asks for what does not hold on this machine: ${why}.`;
    throw new DomainError("SANDBOX_UNAVAILABLE", message, { missing });
  }

  #reasonWithout(layer: OptionalLayer): string {
    const known = reasonWithout(layer);
    if (known !== undefined) return known;
    const failure = this.#failures.get(layer);
    const hint = HINTS[layer] ?? "";
    return failure === undefined ? "not used" : `does not work here: ${failure}${hint}`;
  }

  /** A child that does not get ready in time is as good as dead. */
  async #start(runtime: Runtime, command: ChildCommand, isolation: Isolation): Promise<GuestChild> {
    if (this.#closed) throw new DomainError("SANDBOX_UNAVAILABLE", "The sandbox is closed.");
    const child = new GuestChild(runtime, command, isolation);
    this.#children.add(child);
    void child.closed.then(() => this.#children.delete(child));
    const deadline = systemClock.after(READY_WITHIN_MS, () => child.kill());
    try {
      await child.ready;
      return child;
    } finally {
      deadline.cancel();
    }
  }
}
