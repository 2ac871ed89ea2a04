import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { DomainError } from "../shared/errors.ts";
import type { ChildCommand } from "./child-command.ts";

export type PipedProcess = ChildProcess & { readonly stdin: Writable; readonly stdout: Readable };

/**
 * Kills a child and what stands around it: bubblewrap that is killed while it starts would leave a
 * process behind that waits for it for ever.
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

/**
 * Starts a child with nothing of the server's own: no environment, and no descriptor but its pipe
 * and what is handed over. Throws SANDBOX_UNAVAILABLE when the server has no descriptor left; any
 * other fault of the system is the child's `error` event, or thrown.
 */
export function spawnChild({ file, args, seccompFilter, handOver }: ChildCommand): PipedProcess {
  const fd = handOver === undefined ? undefined : openHandedOver(handOver);
  try {
    const child = spawn(file, args, {
      env: {},
      cwd: "/",
      // A process group of its own, so that all of it can be killed.
      detached: true,
      stdio: ["pipe", "pipe", "ignore", seccompFilter ? "pipe" : "ignore", fd ?? "ignore"],
    });
    // First of all: an `error` event that nobody hears ends the server.
    child.on("error", () => {});
    // Without a descriptor for them Node gives back a child that has no pipes.
    if (!child.stdin) throw outOfDescriptors();
    const filterPipe = child.stdio[3] as Writable | null;
    filterPipe?.on("error", () => {});
    filterPipe?.end(seccompFilter);
    return child as PipedProcess;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function openHandedOver(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw isOutOfDescriptors(error) ? outOfDescriptors(error) : error;
  }
}

export function isOutOfDescriptors(error: unknown): boolean {
  const { code } = Object(error) as NodeJS.ErrnoException;
  return code === "EMFILE" || code === "ENFILE";
}

export function outOfDescriptors(cause?: unknown): DomainError {
  const message =
    "The server has no file descriptor left to start a sandbox with. Try again later; its host can raise `ulimit -n`.";
  return new DomainError("SANDBOX_UNAVAILABLE", message, undefined, cause);
}
