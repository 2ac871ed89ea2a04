import { execFile } from "node:child_process";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { promisify } from "node:util";
import type { OptionalLayer } from "../domain/runs/isolation.ts";

/**
 * The layers that the operating system adds around a child on this machine, beyond those that any
 * machine gives.
 */
export interface Isolation {
  /** The child runs as `nobody`. Only root can do that. */
  readonly uidDrop: boolean;
  /**
   * `unshare`: a network of its own, with nothing in it; `bubblewrap`: an almost empty file system
   * besides.
   */
  readonly namespaces: "bubblewrap" | "unshare" | "none";
  /** System calls are filtered. */
  readonly seccomp: boolean;
}

export const NO_ISOLATION: Isolation = { uidDrop: false, namespaces: "none", seccomp: false };

const NOBODY = 65_534;
const TOOL_FOLDERS = ["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin"];
const LIBRARIES = ["/usr/lib", "/usr/lib64", "/lib", "/lib64"];
/** The descriptor on which a child is handed its filter. */
const FILTER_FD = 3;

/** RLIMIT_DATA counts mappings on Linux alone. */
export function hasRlimits(): boolean {
  return process.platform === "linux";
}

/**
 * The ways to start a child that this machine has the tools for, the strongest first. Whether they
 * work is tried.
 */
export function candidateIsolations(): Isolation[] {
  if (process.platform !== "linux") return [NO_ISOLATION];
  const setpriv = findTool("setpriv") !== undefined;
  const bubblewrap = findTool("bwrap") !== undefined;
  const around: Pick<Isolation, "namespaces" | "seccomp">[] = [
    ...(bubblewrap && process.arch === "x64"
      ? [{ namespaces: "bubblewrap" as const, seccomp: true }]
      : []),
    ...(bubblewrap ? [{ namespaces: "bubblewrap" as const, seccomp: false }] : []),
    ...(setpriv && findTool("unshare") ? [{ namespaces: "unshare" as const, seccomp: false }] : []),
    { namespaces: "none", seccomp: false },
  ];
  const drops = isRoot() && setpriv ? [true, false] : [false];
  return around.flatMap((layers) => drops.map((uidDrop) => ({ uidDrop, ...layers })));
}

/** The optional layers that an isolation stands for. */
export function layersOf({ uidDrop, namespaces, seccomp }: Isolation): OptionalLayer[] {
  return [
    ...(hasRlimits() ? ["rlimits" as const] : []),
    ...(uidDrop ? ["uid-drop" as const] : []),
    ...(namespaces === "none" ? [] : ["network-namespace" as const]),
    ...(namespaces === "bubblewrap" ? ["bubblewrap" as const] : []),
    ...(seccomp ? ["seccomp" as const] : []),
  ];
}

/** Returns why a layer is not there, as far as it can be known without trying. */
export function reasonWithout(layer: OptionalLayer): string | undefined {
  if (process.platform !== "linux") return "Linux only";
  switch (layer) {
    case "uid-drop":
      if (!isRoot()) return "needs a server that runs as root";
      return findTool("setpriv") ? undefined : "setpriv (util-linux) is not installed";
    case "network-namespace":
      return findTool("unshare") ? undefined : "unshare (util-linux) is not installed";
    case "bubblewrap":
      return findTool("bwrap") ? undefined : "bwrap is not installed";
    case "seccomp":
      if (process.arch !== "x64") return "x64 only";
      return findTool("bwrap") ? undefined : "needs bwrap, which is not installed";
    case "rlimits":
      return undefined;
  }
}

/**
 * The command with everything around it. `readable` is all that it sees of the file system inside
 * bubblewrap.
 */
export function isolated(
  isolation: Isolation,
  command: readonly string[],
  readable: readonly string[],
): string[] {
  const { uidDrop, namespaces, seccomp } = isolation;
  const unshared = ["--net", "--ipc", "--uts", ...(isRoot() && uidDrop ? [] : ["--user"])];
  return [
    ...(namespaces === "unshare" ? [requireTool("unshare"), ...unshared, "--"] : []),
    ...withoutPrivileges(uidDrop),
    ...(namespaces === "bubblewrap" ? bubblewrapped(readable, seccomp) : []),
    ...command,
  ];
}

function withoutPrivileges(uidDrop: boolean): string[] {
  const setpriv = process.platform === "linux" ? findTool("setpriv") : undefined;
  if (!setpriv) return [];
  const dropped = [
    `--reuid=${NOBODY}`,
    `--regid=${NOBODY}`,
    "--clear-groups",
    "--bounding-set=-all",
  ];
  return [
    setpriv,
    ...(uidDrop ? dropped : []),
    "--inh-caps=-all",
    "--no-new-privs",
    "--pdeathsig",
    "KILL",
    "--",
  ];
}

function bubblewrapped(readable: readonly string[], seccomp: boolean): string[] {
  return [
    requireTool("bwrap"),
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--clearenv",
    ...["--cap-drop", "ALL"],
    ...LIBRARIES.flatMap((folder) => ["--ro-bind-try", folder, folder]),
    ...readable.flatMap((path) => ["--ro-bind", path, path]),
    ...["--proc", "/proc", "--dev", "/dev", "--chdir", "/"],
    ...(seccomp ? ["--seccomp", String(FILTER_FD)] : []),
    "--",
  ];
}

/** The process that runs the guest: bubblewrap stands between it and the server. */
export function innermost(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
  return children === "" ? pid : innermost(Number(children.split(" ")[0]));
}

/** Lists the promised layers of which the kernel says that they do not hold for a process. */
export function missingLayers(isolation: Isolation, pid: number): OptionalLayer[] {
  if (process.platform !== "linux") return [];
  const holding = observe(pid);
  return layersOf(isolation).filter((layer) => layer !== "rlimits" && !holding[layer]);
}

function observe(pid: number): Record<Exclude<OptionalLayer, "rlimits">, boolean> {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const field = (name: string) => new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1];
  const apart = (namespace: string) =>
    namespaceOf(pid, namespace) !== namespaceOf("self", namespace);
  return {
    "uid-drop": field("Uid") === String(NOBODY),
    "network-namespace": apart("net"),
    bubblewrap: apart("mnt") && apart("pid"),
    seccomp: field("Seccomp") === "2",
  };
}

function namespaceOf(pid: number | "self", namespace: string): string {
  return readlinkSync(`/proc/${pid}/ns/${namespace}`);
}

/**
 * Draws the kernel's limit of a process's data close around what it has now, when that is known
 * only once it is up. Does nothing where util-linux is missing; rejects when it fails.
 */
export async function limitDataGrowth(
  { uidDrop }: Isolation,
  pid: number,
  moreMb: number,
): Promise<void> {
  const prlimit = hasRlimits() ? findTool("prlimit") : undefined;
  if (!prlimit) return;
  const used = /^VmData:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  const bytes = (Number(used) + moreMb * 1_024) * 1_024;
  // Whoever is of the same user may: root in a container often may not.
  const as = uidDrop ? { uid: NOBODY, gid: NOBODY } : {};
  await promisify(execFile)(prlimit, ["--pid", String(pid), `--data=${bytes}`], as);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function requireTool(name: string): string {
  const found = findTool(name);
  if (found) return found;
  throw new Error(`${name} is not installed`);
}

/** Not by PATH: what holds a guest in comes from the system. */
function findTool(name: string): string | undefined {
  return TOOL_FOLDERS.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
}
