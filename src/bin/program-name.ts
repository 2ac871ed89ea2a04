import { accessSync, constants, realpathSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";
import { DEFAULT_HOME } from "../config/default-home.ts";

const NAME = "stack-mcp";

/**
 * The command that starts this program again on the same data folder, where that is another than
 * the usual one.
 */
export function programName(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string {
  const { STACK_HOME: home = "" } = env;
  const command = startCommand(argv, env);
  if (home === "" || resolve(home) === DEFAULT_HOME || process.platform === "win32") return command;
  return `STACK_HOME=${quoted(home)} ${command}`;
}

/** Its name where that is found, npx, or its path. */
function startCommand(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string {
  // What npm said to a program that started this one by its path is not about this one.
  if (env.npm_lifecycle_script?.includes(NAME)) return `npx ${NAME}`;
  const script = resolve(argv[1] ?? NAME);
  if (isOnPath(script, env.PATH ?? "")) return NAME;
  return basename(script) === NAME ? quoted(script) : `node ${quoted(script)}`;
}

function isOnPath(script: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    const candidate = join(folder, NAME);
    try {
      accessSync(candidate, constants.X_OK);
      return realpathSync(candidate) === realpathSync(script);
    } catch {
      return false;
    }
  });
}

function quoted(path: string): string {
  return /\s/.test(path) ? `"${path}"` : path;
}
