import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { programPath } from "./program.ts";

export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** The text on its stderr. */
  readonly said: () => string;
  /** Sends SIGTERM; the exit code. */
  stop(): Promise<number | null>;
}

/** The real program, serving on a port; `openFiles` is all the descriptors that it may have. */
export async function spawnServer(
  env: Record<string, string>,
  args: readonly string[] = ["--port", "0"],
  limits: { readonly openFiles?: number } = {},
): Promise<ServerProcess> {
  const { openFiles } = limits;
  const within = openFiles === undefined ? 'exec "$@"' : `ulimit -n ${openFiles}; exec "$@"`;
  const command = ["-c", within, "sh", process.execPath, programPath, "serve", ...args];
  const child = spawn("sh", command, { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (data) => {
    said += String(data);
  });
  let line = "";
  const exited = once(child, "exit");
  for await (const data of child.stdout) {
    line += String(data);
    if (line.includes("\n")) break;
  }
  const url = /http:\/\/\S+?(?=:? )/.exec(line)?.[0];
  if (url === undefined) throw new Error(`the server did not start: ${said}`);
  return {
    url,
    child,
    said: () => said,
    async stop() {
      child.kill("SIGTERM");
      await exited;
      return child.exitCode;
    },
  };
}
