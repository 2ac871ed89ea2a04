import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { LinuxStore } from "@napi-rs/keyring";
import { DomainError } from "../../src/shared/errors.ts";
import { Secret } from "../../src/shared/secret.ts";

export type KeyStoreName = "environment" | "keychain" | "file";

export interface MasterKey {
  readonly key: Secret<Buffer>;
  readonly store: KeyStoreName;
}

const KEY_BYTES = 32;
const SERVICE = "stack-mcp";

function masterKeyPath(home: string): string {
  return join(home, "master.key");
}

/**
 * A key for a new database: the environment's, else one made now and kept in the keychain, else in
 * a 0600 file.
 */
export function createMasterKey(
  home: string,
  instanceId: string,
  fromEnvironment: Secret<string> | undefined,
): MasterKey {
  if (fromEnvironment)
    return { key: decode(fromEnvironment.reveal(), "STACK_MASTER_KEY"), store: "environment" };
  const fresh = randomBytes(KEY_BYTES);
  if (keychainKeeps(instanceId, fresh)) return { key: new Secret(fresh), store: "keychain" };
  return { key: writeKeyFile(masterKeyPath(home), fresh), store: "file" };
}

/** The key of an existing database. Throws MISCONFIGURED that names where the key should be. */
export function loadMasterKey(
  home: string,
  instanceId: string,
  store: KeyStoreName,
  fromEnvironment: Secret<string> | undefined,
): MasterKey {
  if (fromEnvironment)
    return { key: decode(fromEnvironment.reveal(), "STACK_MASTER_KEY"), store: "environment" };
  switch (store) {
    case "environment":
      throw missing("STACK_MASTER_KEY, as when the database was made. It is not set");
    case "keychain":
      return { key: readKeychain(instanceId), store };
    case "file":
      return { key: readKeyFile(masterKeyPath(home)), store };
  }
}

interface Keychain {
  getPassword(): string | null;
  setPassword(value: string): void;
}

function keychain(instanceId: string): Keychain {
  const { Entry } = createRequire(import.meta.url)(
    "@napi-rs/keyring",
  ) as typeof import("@napi-rs/keyring");
  // Linux: the default store falls back to kernel keyutils, which forgets at reboot.
  const options =
    process.platform === "linux" ? { linux: { store: "secret-service" as LinuxStore } } : undefined;
  return new Entry(SERVICE, instanceId, options);
}

function keychainKeeps(instanceId: string, key: Buffer): boolean {
  try {
    const entry = keychain(instanceId);
    entry.setPassword(key.toString("base64"));
    return entry.getPassword() === key.toString("base64");
  } catch {
    return false;
  }
}

function readKeychain(instanceId: string): Secret<Buffer> {
  let found: string | null;
  try {
    found = keychain(instanceId).getPassword();
  } catch (error) {
    throw missing(
      `the system's keychain (service ${SERVICE}, account ${instanceId}), which does not answer`,
      error,
    );
  }
  if (found === null)
    throw missing(
      `the system's keychain (service ${SERVICE}, account ${instanceId}), where it is gone`,
    );
  return decode(found, "the keychain");
}

/**
 * Complete or absent, never half-written: a process that dies in the middle leaves only a temporary
 * file.
 */
function writeKeyFile(path: string, fresh: Buffer): Secret<Buffer> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, "w", 0o600);
  writeSync(file, `${fresh.toString("base64")}\n`);
  fsyncSync(file);
  closeSync(file);
  try {
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolder(dirname(path));
  return readKeyFile(path);
}

/** A name is durable only when its folder is: a database must not outlive its key. */
function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  fsyncSync(folder);
  closeSync(folder);
}

function readKeyFile(path: string): Secret<Buffer> {
  let text: string;
  try {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    throw missing(
      `${path}, which cannot be read (${(error as NodeJS.ErrnoException).code ?? "error"})`,
      error,
    );
  }
  return decode(text, path);
}

function decode(text: string, source: string): Secret<Buffer> {
  const bytes = /^[0-9a-fA-F]{64}$/.test(text)
    ? Buffer.from(text, "hex")
    : Buffer.from(text, "base64");
  if (bytes.length !== KEY_BYTES) {
    throw new DomainError(
      "MISCONFIGURED",
      `The master key in ${source} is not ${KEY_BYTES} bytes. Restore it from a backup.`,
    );
  }
  return new Secret(bytes);
}

function missing(where: string, cause?: unknown): DomainError {
  const message = `The database is sealed under a master key that belongs in ${where}. Restore it, or set STACK_MASTER_KEY.`;
  return new DomainError("MISCONFIGURED", message, undefined, cause);
}
