import { unlessAborted } from "../shared/abort.ts";
import type { Logger } from "../shared/logger.ts";
import { type ChildCommand, childCommand, hasRlimits } from "./child-command.ts";
import type { ScriptJob, ScriptOutcome } from "./outcome.ts";
import { ChildPool } from "./pool.ts";

/** One layer that keeps a guest in, and whether it really holds on this machine. */
export interface SandboxLayer {
  readonly name: string;
  readonly active: boolean;
  readonly detail: string;
}

/** Runs a publisher's code where it can do no harm: one isolate in one single-use child process. */
export class Sandbox {
  readonly #pool: ChildPool;

  /** `command` is asked for when the first child is needed: finding the files of a child takes a while. */
  constructor(log: Logger, command: () => ChildCommand = childCommand) {
    this.#pool = new ChildPool(command, log);
  }

  /**
   * Runs one script step to its verdict. A guest's fault is part of the outcome; throws only SANDBOX_UNAVAILABLE.
   * Aborting the signal kills the child.
   */
  async run(job: ScriptJob, signal: AbortSignal): Promise<ScriptOutcome> {
    const acquired = this.#pool.acquire();
    const child = await unlessAborted(acquired, signal);
    if (child) return child.run(job, signal);
    acquired.then((late) => late.kill()).catch(() => {});
    return { kind: "cancelled", usage: { wallMs: 0, cpuMs: 0, peakMb: 0, fetchCalls: 0 } };
  }

  /** Starts one child and ends it: how long it took to be ready. Throws SANDBOX_UNAVAILABLE. */
  async probe(): Promise<{ readyMs: number }> {
    const started = performance.now();
    const child = await this.#pool.acquire();
    const readyMs = Math.ceil(performance.now() - started);
    child.kill();
    await child.closed;
    return { readyMs };
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** `process`: an isolate in a child that the operating system bounds too; `reduced`: the isolate and the watchdog alone. */
export function isolationLevel(): "process" | "reduced" {
  return hasRlimits() ? "process" : "reduced";
}

/** What holds a guest on this machine. Layers that need the operating system's help are named even where they are absent. */
export function sandboxLayers(): SandboxLayer[] {
  return [
    { name: "isolate", active: true, detail: "code generation removed, no host object in reach" },
    { name: "child process", active: true, detail: "one for each step, killed after its verdict" },
    { name: "permission model", active: true, detail: "no files, no processes, no workers, no JIT" },
    {
      name: "rlimits",
      active: hasRlimits(),
      detail: hasRlimits()
        ? "data, cpu time, open files, file size, core"
        : "Linux only; elsewhere nothing but the isolate bounds memory",
    },
    { name: "uid drop", active: false, detail: "not in this version" },
    { name: "bubblewrap", active: false, detail: "not in this version" },
    { name: "seccomp", active: false, detail: "not in this version" },
  ];
}
