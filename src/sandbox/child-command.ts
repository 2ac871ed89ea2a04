import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Runtime } from "../domain/market/skill.ts";
import { DomainError } from "../shared/errors.ts";
import { hasRlimits, type Isolation, isolated, NO_ISOLATION } from "./isolation.ts";
import { GUEST_LIMITS } from "./protocol.ts";
import { seccompFilter } from "./seccomp-filter.ts";

const CPU_LIMIT_S = 40;
const OPEN_FILES = 64;
const HEAP_MB = 64;
/** Python's memory is WebAssembly's: 2,048 pages of 64 kB. */
const WASM_PAGES = 2_048;
/**
 * V8's reservation for WebAssembly counts too: a Python child's limit is drawn closer when it is
 * ready.
 */
const DATA_LIMIT_MB: Readonly<Record<Runtime, number>> = { javascript: 192, python: 2_048 };

/** Limits that the kernel enforces on a child, set by the shell that becomes it. */
const rlimits = (runtime: Runtime) =>
  `ulimit -c 0; ulimit -f 0; ulimit -n ${OPEN_FILES}; ulimit -t ${CPU_LIMIT_S}; ulimit -d ${DATA_LIMIT_MB[runtime] * 1_024}; exec "$@"`;

export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Written to descriptor 3 for bubblewrap. */
  readonly seccompFilter?: Buffer | undefined;
  /** Opened for the child as descriptor 4: a path that it could not open itself. */
  readonly handOver?: string | undefined;
}

export interface CommandParts {
  readonly runtime: Runtime;
  readonly isolation?: Isolation;
  readonly guestFolder?: string;
  /**
   * Python's memory as it is after loading. `make`: the child makes it, writes it to its output,
   * and ends.
   */
  readonly snapshot?: { readonly path: string } | "make" | undefined;
}

/**
 * The command line of a child: Node with the permission model, reading nothing but its own few
 * files.
 */
export function childCommand(parts: CommandParts): ChildCommand {
  const { runtime, isolation = NO_ISOLATION, guestFolder = defaultGuestFolder(), snapshot } = parts;
  if (process.platform === "win32") {
    throw new DomainError(
      "SANDBOX_UNAVAILABLE",
      "Sealed skills do not run on Windows: no sandbox was tested there.",
    );
  }
  const addon = addonPath();
  const pyodide = runtime === "python" ? [pyodideFolder()] : [];
  const node = [
    process.execPath,
    "--permission",
    "--allow-addons",
    "--no-experimental-sqlite",
    "--no-warnings",
    "--disable-proto=delete",
    `--max-old-space-size=${HEAP_MB}`,
    ...ENGINE_FLAGS[runtime],
    ...[guestFolder, ...pyodide].map((folder) => `--allow-fs-read=${folder}/`),
    `--allow-fs-read=${addon}`,
    `${guestFolder}/${runtime}.js`,
    addon,
    JSON.stringify(GUEST_LIMITS),
    ...pyodide,
    ...(snapshot === undefined ? [] : [snapshot === "make" ? "make" : "load"]),
  ];
  const command = isolated(isolation, node, [process.execPath, addon, guestFolder, ...pyodide]);
  const limited = hasRlimits() ? ["/bin/sh", "-c", rlimits(runtime), "sh", ...command] : command;
  const [file = "", ...args] = limited;
  return {
    file,
    args,
    seccompFilter: isolation.seccomp ? seccompFilter() : undefined,
    handOver: typeof snapshot === "object" ? snapshot.path : undefined,
  };
}

const ENGINE_FLAGS: Readonly<Record<Runtime, readonly string[]>> = {
  // No code is made at run time, so no page is ever writable and executable.
  javascript: ["--v8-pool-size=1", "--jitless"],
  // Without a compiler there is no WebAssembly; JavaScript itself is interpreted here too.
  python: ["--no-opt", "--no-maglev", "--no-sparkplug", `--wasm-max-mem-pages=${WASM_PAGES}`],
};

export function defaultGuestFolder(): string {
  return realpathSync(fileURLToPath(new URL("./guest/", import.meta.url)));
}

/** The native addon, found here so that the child needs no module resolution. */
function addonPath(): string {
  const require = createRequire(import.meta.url);
  const findAddon = require("node-gyp-build") as { path(folder: string): string };
  return realpathSync(findAddon.path(dirname(require.resolve("isolated-vm/package.json"))));
}

export function pyodideFolder(): string {
  return realpathSync(dirname(createRequire(import.meta.url).resolve("pyodide/package.json")));
}
