import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import Database from "better-sqlite3";
import { Kysely } from "kysely";
import { isoTime, systemClock } from "../../src/shared/clock.ts";
import { DomainError } from "../../src/shared/errors.ts";
import type { Secret } from "../../src/shared/secret.ts";
import { CheckpointFile } from "../checkpoint-file.ts";
import { AuditReader } from "../repositories/audit.ts";
import { findInstance, type Instance } from "../repositories/instance.ts";
import { findLedgerProblems } from "../repositories/ledger-invariants.ts";
import type { Schema } from "../schema/index.ts";
import { keyFingerprint } from "../vault/envelope.ts";
import { loadMasterKey } from "../vault/master-key.ts";
import { WalDialect } from "./dialect.ts";
import { noteBackup } from "./last-backup.ts";
import { databasePath, migrate, openHandle } from "./open-store.ts";

/**
 * The database in a backup, and the key that opens its sealed parts: the key itself is not
 * in it.
 */
export interface BackupView {
  readonly file: string;
  readonly instance_id: string;
  readonly stamp: Instance["stamp"];
  readonly key_store: Instance["key_store"];
  readonly key_fingerprint: string;
}

/** A consistent copy while others work. The file is its owner's alone. Throws MISCONFIGURED. */
export async function backUp(home: string, file: string): Promise<BackupView> {
  const source = databasePath(home);
  if (!existsSync(source)) throw misuse(`There is no database in ${home}.`);
  if (existsSync(file)) throw misuse(`${file} exists already. Name another file.`);
  const raw = openHandle(source, true);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await raw.backup(temporary);
    chmodSync(temporary, 0o600);
    const view = await describe(temporary, file);
    renameSync(temporary, file);
    noteBackup(home, { at: systemClock.now(), file: resolve(file) });
    return view;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error instanceof DomainError
      ? error
      : misuse(`The backup cannot be written to ${file}.`, error);
  } finally {
    raw.close();
  }
}

export interface RestoreRequest {
  readonly file: string;
  readonly home: string;
  /** Puts what is there aside first. */
  readonly replace: boolean;
  readonly masterKey: Secret<string> | undefined;
}

export interface Restored extends BackupView {
  readonly database: string;
  /** The folder of the database that was there. */
  readonly put_aside?: string;
}

/**
 * Puts a backup in place, after a copy of it was brought up to date and its file, ledger, audit
 * chains and key were found sound. Until then nothing of the folder is touched. Throws
 * MISCONFIGURED.
 */
export async function restore({
  file,
  home,
  replace,
  masterKey,
}: RestoreRequest): Promise<Restored> {
  if (!existsSync(file)) throw misuse(`There is no file ${file}.`);
  const target = databasePath(home);
  if (existsSync(target) && !replace) {
    throw misuse(
      `${home} has a database already. Stop what uses it and give --replace: then it is put aside, not deleted.`,
    );
  }
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const copy = `${target}.restoring`;
  removeAll(copy);
  try {
    await copyTo(file, copy);
    const view = await verify(copy, file, { home, masterKey });
    const put_aside = existsSync(target) ? putAside(target) : undefined;
    renameSync(copy, target);
    return { ...view, database: target, ...(put_aside === undefined ? {} : { put_aside }) };
  } finally {
    removeAll(copy);
  }
}

async function copyTo(file: string, copy: string): Promise<void> {
  try {
    const source = new Database(file, { readonly: true, fileMustExist: true });
    try {
      await source.backup(copy);
    } finally {
      source.close();
    }
    chmodSync(copy, 0o600);
  } catch (error) {
    throw misuse(`${file} is not a backup that can be read.`, error);
  }
}

async function requireChains(db: Kysely<Schema>, file: string): Promise<void> {
  const reader = new AuditReader({ db });
  for (const operatorId of await reader.chains()) {
    const { problem } = await reader.verify(operatorId, await reader.checkpoint(operatorId));
    if (problem !== undefined)
      throw misuse(`The audit log of ${file} is broken: ${problem} (${operatorId}).`);
  }
}

async function verify(
  copy: string,
  file: string,
  { home, masterKey }: Pick<RestoreRequest, "home" | "masterKey">,
): Promise<BackupView> {
  return withDatabase(copy, file, async (db, raw) => {
    const [integrity] = raw.pragma("integrity_check(1)", { simple: false }) as {
      integrity_check: string;
    }[];
    if (integrity?.integrity_check !== "ok")
      throw misuse(`${file} is damaged: ${integrity?.integrity_check}.`);
    const instance = await requireInstance(db, file);
    await migrate(db);
    const problems = await findLedgerProblems(db);
    if (problems.length > 0)
      throw misuse(`The ledger of ${file} is broken: ${problems.slice(0, 3).join("; ")}.`);
    await requireChains(db, file);
    requireKey(instance, home, masterKey);
    raw.pragma("wal_checkpoint(TRUNCATE)");
    raw.pragma("journal_mode = DELETE");
    return viewOf(instance, file);
  });
}

/** Says which key is needed and where it was kept. */
function requireKey(instance: Instance, home: string, masterKey: Secret<string> | undefined): void {
  const needed = `The backup is sealed under the master key with the fingerprint ${instance.key_fingerprint}, which was kept in ${KEPT[instance.key_store]}.`;
  let found: ReturnType<typeof loadMasterKey>;
  try {
    found = loadMasterKey(home, instance.id, instance.key_store, masterKey);
  } catch (error) {
    throw misuse(
      `${needed} It is not there: bring it back, or set STACK_MASTER_KEY. Nothing was changed.`,
      error,
    );
  }
  const fingerprint = keyFingerprint(found.key);
  if (fingerprint === instance.key_fingerprint) return;
  throw misuse(`${needed} The one found has the fingerprint ${fingerprint}. Nothing was changed.`);
}

const KEPT: Readonly<Record<Instance["key_store"], string>> = {
  environment: "STACK_MASTER_KEY",
  keychain: "the system's keychain",
  file: "the file master.key of its data folder",
};

async function describe(path: string, file: string): Promise<BackupView> {
  return withDatabase(path, file, async (db, raw) => {
    raw.pragma("journal_mode = DELETE");
    return viewOf(await requireInstance(db, file), file);
  });
}

async function withDatabase<T>(
  path: string,
  file: string,
  work: (db: Kysely<Schema>, raw: Database.Database) => Promise<T>,
): Promise<T> {
  let raw: Database.Database;
  try {
    raw = openHandle(path, false);
  } catch (error) {
    throw misuse(`${file} is not a database.`, error);
  }
  const db = new Kysely<Schema>({ dialect: new WalDialect(raw) });
  try {
    return await work(db, raw);
  } catch (error) {
    throw error instanceof DomainError
      ? error
      : misuse(`${file} is not a database of stack-mcp, or is damaged.`, error);
  } finally {
    await db.destroy();
    if (raw.open) raw.close();
  }
}

async function requireInstance(db: Kysely<Schema>, file: string): Promise<Instance> {
  const instance = await findInstance(db).catch(() => undefined);
  if (!instance) throw misuse(`${file} is not a database of stack-mcp.`);
  return instance;
}

/** A database in use is not put aside: whoever uses it would write into what nobody reads. */
function putAside(target: string): string {
  const raw = openHandle(target, false);
  try {
    // Leaving the write-ahead log takes that nobody else has the file open.
    raw.pragma("journal_mode = DELETE");
  } catch (error) {
    throw misuse(
      `The database in ${dirname(target)} is in use. Stop every program that has it open. Nothing was changed.`,
      error,
    );
  } finally {
    raw.close();
  }
  const aside = join(
    dirname(target),
    `stack.db.before-restore-${isoTime(systemClock.now()).replace(/[:.]/g, "-")}`,
  );
  renameSync(target, aside);
  // Checkpoints of what was there would say of what comes that it was cut off.
  const { path } = new CheckpointFile(dirname(target));
  if (existsSync(path)) renameSync(path, `${aside}.audit-checkpoints.jsonl`);
  return aside;
}

function viewOf({ id, stamp, key_store, key_fingerprint }: Instance, file: string): BackupView {
  return { file, instance_id: id, stamp, key_store, key_fingerprint };
}

function removeAll(path: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"])
    rmSync(`${path}${suffix}`, { force: true });
}

function misuse(message: string, cause?: unknown): DomainError {
  return new DomainError("MISCONFIGURED", message, undefined, cause);
}
