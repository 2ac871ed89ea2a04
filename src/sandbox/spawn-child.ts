import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import type { ChildCommand } from "./child-command.ts";

export type PipedProcess = ChildProcess & { readonly stdin: Writable; readonly stdout: Readable };

/**
 * Kills a child and what stands around it: bubblewrap that is killed while it starts would leave a process behind that
 * waits for it for ever.
 */
export function killWhole(child: PipedProcess): void {
  // A number that is free again may be somebody else's.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

/** Starts a child with nothing of the server's own: no environment, and no descriptor but its pipe and what is handed over. */
export function spawnChild({ file, args, seccompFilter, handOver }: ChildCommand): PipedProcess {
  const fd = handOver === undefined ? undefined : openSync(handOver, "r");
  try {
    const child = spawn(file, args, {
      env: {},
      cwd: "/",
      // A process group of its own, so that all of it can be killed.
      detached: true,
      stdio: ["pipe", "pipe", "ignore", seccompFilter ? "pipe" : "ignore", fd ?? "ignore"],
    });
    const filterPipe = child.stdio[3] as Writable | null;
    filterPipe?.on("error", () => {});
    filterPipe?.end(seccompFilter);
    return child as PipedProcess;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
