import { accessSync, constants, realpathSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";

const NAME = "stack-mcp";

/** The command that starts this program again: its name where that is found, npx, or its path. */
export function programName(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): string {
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
