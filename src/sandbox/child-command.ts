import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { DomainError } from "../shared/errors.ts";
import { GUEST_LIMITS } from "./protocol.ts";

const DATA_LIMIT_KB = 192 * 1024;
const CPU_LIMIT_S = 40;
const OPEN_FILES = 64;
const HEAP_MB = 64;

/** Limits that the kernel enforces on a child, set by the shell that becomes it. */
const RLIMITS = `ulimit -c 0; ulimit -f 0; ulimit -n ${OPEN_FILES}; ulimit -t ${CPU_LIMIT_S}; ulimit -d ${DATA_LIMIT_KB}; exec "$@"`;

export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** The command line of a child: Node without JIT, with the permission model, reading nothing but its own few files. */
export function childCommand(
  guestFolder = realpathSync(fileURLToPath(new URL("./guest/", import.meta.url))),
): ChildCommand {
  if (process.platform === "win32") {
    throw new DomainError(
      "SANDBOX_UNAVAILABLE",
      "Sealed skills are not run on Windows: no sandbox has been tested there.",
    );
  }
  const addon = addonPath();
  const node = [
    process.execPath,
    "--permission",
    "--allow-addons",
    "--no-experimental-sqlite",
    "--no-warnings",
    "--disable-proto=delete",
    `--max-old-space-size=${HEAP_MB}`,
    "--v8-pool-size=1",
    "--jitless",
    `--allow-fs-read=${guestFolder}/`,
    `--allow-fs-read=${addon}`,
    `${guestFolder}/runner.js`,
    addon,
    JSON.stringify(GUEST_LIMITS),
  ];
  if (!hasRlimits()) return { file: process.execPath, args: node.slice(1) };
  return { file: "/bin/sh", args: ["-c", RLIMITS, "sh", ...node] };
}

/** RLIMIT_DATA counts mappings on Linux alone. */
export function hasRlimits(): boolean {
  return process.platform === "linux";
}

/** The native addon, found here so that the child needs no module resolution. */
function addonPath(): string {
  const require = createRequire(import.meta.url);
  const findAddon = require("node-gyp-build") as { path(folder: string): string };
  return realpathSync(findAddon.path(dirname(require.resolve("isolated-vm/package.json"))));
}
