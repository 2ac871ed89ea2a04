import { join } from "node:path";
import { RUNTIMES, type Runtime } from "../domain/market/skill.ts";
import type { OptionalLayer } from "../domain/runs/isolation.ts";
import { unlessAborted } from "../shared/abort.ts";
import { systemClock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type { childCommand } from "./child-command.ts";
import { hasRlimits, type Isolation, layersOf } from "./isolation.ts";
import { Launcher } from "./launcher.ts";
import type { ScriptJob, ScriptOutcome } from "./outcome.ts";
import { ChildPool } from "./pool.ts";
import { PythonSnapshot } from "./python-snapshot.ts";

/** One layer that keeps a guest in, and whether it really holds on this machine. */
export interface SandboxLayer {
  readonly name: string;
  readonly active: boolean;
  readonly detail: string;
}

/**
 * `process`: an isolate in a child that the operating system bounds too; `reduced`: the isolate and
 * the watchdog alone.
 */
export type IsolationLevel = "process" | "reduced";

export interface SandboxOptions {
  readonly log: Logger;
  /** The data folder, where Python's snapshot is kept; without one its children start slowly. */
  readonly home?: string | undefined;
  /** Layers without which nothing is run (STACK_SANDBOX_REQUIRE). */
  readonly require?: readonly OptionalLayer[];
  /** The command that starts a child, and the layers around it; left out, those of this machine. */
  readonly command?: typeof childCommand;
  readonly isolations?: readonly Isolation[];
}

/** Runs a publisher's code where it can do no harm: one isolate in one single-use child process. */
export class Sandbox {
  readonly #launcher: Launcher;
  readonly #pools: Readonly<Record<Runtime, ChildPool>>;
  readonly #snapshot: PythonSnapshot | undefined;

  constructor({ log, home, require = [], command, isolations }: SandboxOptions) {
    this.#snapshot = home === undefined ? undefined : new PythonSnapshot(join(home, "cache"), log);
    this.#launcher = new Launcher({ log, require, snapshot: this.#snapshot, command, isolations });
    this.#pools = {
      javascript: new ChildPool("javascript", this.#launcher, log),
      python: new ChildPool("python", this.#launcher, log),
    };
  }

  /**
   * Runs one script step to its verdict. A guest's fault is part of the outcome; throws only
   * SANDBOX_UNAVAILABLE. Aborting the signal kills the child.
   */
  async run(job: ScriptJob, signal: AbortSignal): Promise<ScriptOutcome> {
    const acquired = this.#pools[job.runtime].acquire();
    const child = await unlessAborted(acquired, signal);
    if (child) return child.run(job, signal);
    acquired.then((late) => late.kill()).catch(() => {});
    return { kind: "cancelled", usage: { wallMs: 0, cpuMs: 0, peakMb: 0, fetchCalls: 0 } };
  }

  /** Starts one child and ends it: how long it took to be ready. Throws SANDBOX_UNAVAILABLE. */
  async probe(runtime: Runtime): Promise<{ readyMs: number }> {
    await this.#launcher.isolation();
    if (runtime === "python") await this.#snapshot?.find(await this.#launcher.isolation());
    const started = systemClock.elapsed();
    const child = await this.#launcher.launch(runtime);
    const readyMs = Math.ceil(systemClock.elapsed() - started);
    child.kill();
    await child.closed;
    return { readyMs };
  }

  /**
   * Finds out what holds on this machine. Throws SANDBOX_UNAVAILABLE, above all when a required
   * layer does not.
   */
  async requireLayers(): Promise<void> {
    await this.#launcher.isolation();
  }

  /**
   * The strength that buyers are told of, and the layers of the operating system that hold here.
   */
  async isolation(): Promise<string> {
    const layers = layersOf(await this.#launcher.isolation());
    return [isolationLevel(), ...layers].join(" ");
  }

  /**
   * Lists the layers that hold a guest here. Layers that need the operating system's help are named
   * even where they are absent.
   */
  async layers(): Promise<SandboxLayer[]> {
    const optional = await this.#launcher.layers();
    return [
      ...EVERYWHERE,
      ...optional.map(({ layer, active, reason }) => ({
        name: layer,
        active,
        detail: reason ?? DETAILS[layer],
      })),
    ];
  }

  /** Children of each runtime that are ready and wait. */
  spares(): Readonly<Record<Runtime, number>> {
    return { javascript: this.#pools.javascript.spares, python: this.#pools.python.spares };
  }

  async close(): Promise<void> {
    this.#snapshot?.close();
    for (const runtime of RUNTIMES) this.#pools[runtime].close();
    await this.#launcher.close();
  }
}

/** The strength that buyers are told of. */
export function isolationLevel(): IsolationLevel {
  return hasRlimits() ? "process" : "reduced";
}

const EVERYWHERE: readonly SandboxLayer[] = [
  { name: "isolate", active: true, detail: "code generation removed, no host object in reach" },
  { name: "child process", active: true, detail: "one for each step, killed after its verdict" },
  {
    name: "permission model",
    active: true,
    detail: "no files, no processes, no workers; no JIT for JavaScript",
  },
];

const DETAILS: Readonly<Record<OptionalLayer, string>> = {
  rlimits: "data, cpu time, open files, file size, core",
  "uid-drop": "children run as nobody",
  "network-namespace": "children have a network with nothing in it",
  bubblewrap: "children see their own files and libraries, read-only, and no other process",
  seccomp: "no sockets, no new processes, no kernel interfaces",
};
