import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { systemClock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import { childCommand, defaultGuestFolder, pyodideFolder } from "./child-command.ts";
import type { Isolation } from "./isolation.ts";
import { killWhole, spawnChild } from "./spawn-child.ts";

const MAKE_WITHIN_MS = 60_000;
const MAX_BYTES = 128 * 1_024 * 1_024;
const SUFFIX = ".snapshot";
const MIN_BYTES = 1_024 * 1_024;
/** The files on which a snapshot depends, beside Pyodide and V8. */
const INGREDIENTS = [
  "skill.py",
  "fetch.py",
  "script.py",
  "python.js",
  "python-host.js",
  "harden.js",
];

/**
 * Python's memory as it is after loading, made once from code of ours alone and kept in the data
 * folder, where no child can write. Without it a Python child takes some two seconds to be ready
 * instead of a third of one.
 */
export class PythonSnapshot {
  readonly #folder: string;
  readonly #log: Logger;
  #path: Promise<string | undefined> | undefined;
  #maker: { kill(): void } | undefined;

  constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
  }

  /**
   * Returns the snapshot's file, made now when it is not there yet. Undefined when it cannot be
   * had.
   */
  async find(isolation: Isolation): Promise<{ path: string } | undefined> {
    this.#path ??= this.#findOrMake(isolation);
    let path = await this.#path;
    if (path !== undefined && !existsSync(path)) {
      this.#path = this.#findOrMake(isolation);
      path = await this.#path;
    }
    return path === undefined ? undefined : { path };
  }

  close(): void {
    this.#maker?.kill();
  }

  async #findOrMake(isolation: Isolation): Promise<string | undefined> {
    const prefix = `python-${key()}-`;
    const found = this.#findWhole(prefix);
    if (found !== undefined) return found;
    try {
      const bytes = await this.#make(isolation);
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      const path = join(this.#folder, `${prefix}${sha256(bytes)}${SUFFIX}`);
      const unfinished = `${path}.${randomBytes(6).toString("hex")}`;
      writeFileSync(unfinished, bytes, { mode: 0o600 });
      renameSync(unfinished, path);
      this.#removeOthers(prefix);
      return path;
    } catch (error) {
      this.#log.warn(
        { err: error },
        "Python's snapshot could not be made: its children start slowly",
      );
      return undefined;
    }
  }

  /** The file tells its own digest: one that was cut off or changed is not used. */
  #findWhole(prefix: string): string | undefined {
    for (const name of this.#names().filter(
      (one) => one.startsWith(prefix) && one.endsWith(SUFFIX),
    )) {
      const path = join(this.#folder, name);
      try {
        if (name === `${prefix}${sha256(readFileSync(path))}${SUFFIX}`) return path;
        rmSync(path, { force: true });
      } catch {}
    }
    return undefined;
  }

  /**
   * Those of other versions. Another process may have made this one at the same time, and uses its
   * own.
   */
  #removeOthers(prefix: string): void {
    const others = this.#names().filter(
      (name) => name.startsWith("python-") && !name.startsWith(prefix),
    );
    for (const name of others) rmSync(join(this.#folder, name), { force: true });
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch {
      return [];
    }
  }

  #make(isolation: Isolation): Promise<Buffer> {
    const child = spawnChild(childCommand({ runtime: "python", isolation, snapshot: "make" }));
    this.#maker = { kill: () => killWhole(child) };
    const timer = systemClock.after(MAKE_WITHIN_MS, () => killWhole(child));
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BYTES) killWhole(child);
      else chunks.push(chunk);
    });
    return new Promise<Buffer>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        timer.cancel();
        this.#maker = undefined;
        if (code === 0 && size > MIN_BYTES) resolve(Buffer.concat(chunks));
        else
          reject(
            new Error(`the child that makes it ended with ${code ?? signal} after ${size} bytes`),
          );
      });
    });
  }
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Another Pyodide, another V8 or another bootstrap is another memory. */
function key(): string {
  const { version } = JSON.parse(readFileSync(join(pyodideFolder(), "package.json"), "utf8")) as {
    version: string;
  };
  const hash = createHash("sha256")
    .update(version)
    .update(process.versions.v8)
    .update(process.arch);
  for (const name of INGREDIENTS) hash.update(readFileSync(join(defaultGuestFolder(), name)));
  return `${version}-${hash.digest("hex").slice(0, 16)}`;
}
