import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import type { ChildCommand } from "./child-command.ts";

export type PipedProcess = ChildProcess & { readonly stdin: Writable; readonly stdout: Readable };

/** Starts a child with nothing of the server's own: no environment, and no descriptor but its pipe and what is handed over. */
export function spawnChild({ file, args, seccompFilter, handOver }: ChildCommand): PipedProcess {
  const fd = handOver === undefined ? undefined : openSync(handOver, "r");
  try {
    const child = spawn(file, args, {
      env: {},
      cwd: "/",
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
