import { type ExecFileOptions, execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

export const programPath = fileURLToPath(new URL("../../src/bin/stack-mcp.js", import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the real program to its end. */
export function runProgram(
  args: readonly string[],
  env: Record<string, string>,
  nodeArgs: readonly string[] = [],
): Promise<Ran> {
  return run(process.execPath, [...nodeArgs, programPath, ...args], { env });
}

/** Runs any program to its end. */
export function run(file: string, args: readonly string[], options: ExecFileOptions): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(file, args, { ...options, encoding: "utf8" }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}
