import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { Kysely, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { type Clock, systemClock } from "../../src/shared/clock.ts";
import { DomainError } from "../../src/shared/errors.ts";
import { newId } from "../../src/shared/ids.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import type { Secret } from "../../src/shared/secret.ts";
import { Gates } from "../gates.ts";
import { findInstance, type Instance, insertInstance } from "../repositories/instance.ts";
import { type Founding, foundingOn } from "../repository-table.ts";
import type { Schema } from "../schema/index.ts";
import { Store } from "../store.ts";
import { keyFingerprint, Vault } from "../vault/envelope.ts";
import { createMasterKey, loadMasterKey, type MasterKey } from "../vault/master-key.ts";
import { ChangeFeed } from "./changes.ts";
import { WalDialect } from "./dialect.ts";
import { fromSqlite } from "./errors.ts";
import { MIGRATIONS } from "./migrations/index.ts";

export interface StoreOptions {
  /** The data folder; made with mode 0700 when it is not there. */
  readonly home: string;
  readonly masterKey?: Secret<string> | undefined;
  readonly clock?: Clock;
  /**
   * The database grows no further than this many pages: what it cannot hold is refused with
   * STORAGE_FULL.
   */
  readonly maxPages?: number | undefined;
  /** The purpose of a new database; by default play money. */
  readonly stamp?: Instance["stamp"] | undefined;
  /** Fills a new database, in the transaction that makes it. */
  readonly found?: (transaction: Founding) => Promise<void>;
}

export function databasePath(home: string): string {
  return join(home, "stack.db");
}

/**
 * Opens the database of a data folder, making or migrating it first. Any number of processes may do
 * so at once. Throws MISCONFIGURED for a newer schema, another master key, or a folder that cannot
 * be used.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const clock = options.clock ?? systemClock;
  prepareFolder(options.home);
  const opened: Database.Database[] = [];
  try {
    return await openIn(options, clock, opened);
  } catch (error) {
    for (const raw of opened) raw.close();
    throw fromSqlite(error, databasePath(options.home));
  }
}

async function openIn(
  options: StoreOptions,
  clock: Clock,
  opened: Database.Database[],
): Promise<Store> {
  const handle = (readonly: boolean) => {
    const raw = openHandle(databasePath(options.home), readonly);
    opened.push(raw);
    return { raw, kysely: new Kysely<Schema>({ dialect: new WalDialect(raw) }) };
  };
  const writer = handle(false);
  await migrate(writer.kysely);
  if (options.maxPages !== undefined) writer.raw.pragma(`max_page_count = ${options.maxPages}`);
  const { instance, masterKey } = await settleInstance(writer.kysely, options, clock);
  const vault = new Vault(masterKey.key);
  const reader = handle(true);
  const changes = new ChangeFeed(reader.raw);
  const path = databasePath(options.home);
  return new Store({
    path,
    readHandle: reader.kysely,
    writeHandle: writer.kysely,
    vault,
    instance,
    changes,
    clock,
  });
}

function prepareFolder(home: string): void {
  try {
    makeFolder(home);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? "error";
    const message = `The data folder ${home} cannot be used (${why}). Set STACK_HOME to a folder you own.`;
    throw new DomainError("MISCONFIGURED", message, undefined, error);
  }
}

/**
 * One level after the other: Node's own recursion does not come back where a file system refuses
 * every new folder.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process that starts at the same moment.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

export function openHandle(file: string, readonly: boolean): Database.Database {
  const raw = new Database(file, { readonly, timeout: LIMITS.busyDeadlineMs });
  try {
    if (!readonly) raw.pragma("journal_mode = WAL");
    raw.pragma("synchronous = FULL");
    raw.pragma("foreign_keys = ON");
    raw.pragma("trusted_schema = OFF");
    // What is deleted is gone from the file, and not only from its index.
    if (!readonly) raw.pragma("secure_delete = ON");
    return raw;
  } catch (error) {
    raw.close();
    throw error;
  }
}

export async function migrate(db: Kysely<Schema>): Promise<void> {
  const applied = await appliedMigrations(db);
  const known = Object.keys(MIGRATIONS);
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new DomainError(
      "MISCONFIGURED",
      `The database was written by a newer version of stack-mcp (${unknown.join(", ")}). Upgrade the program; this one changes nothing.`,
    );
  }
  if (applied.length === known.length) return;
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
  }).migrateToLatest();
  if (error) throw error;
}

async function appliedMigrations(db: Kysely<Schema>): Promise<string[]> {
  const table = await sql`select 1 from sqlite_master where name = 'kysely_migration'`.execute(db);
  if (table.rows.length === 0) return [];
  const { rows } = await sql<{
    name: string;
  }>`select name from kysely_migration order by name`.execute(db);
  return rows.map((row) => row.name);
}

interface SettledInstance {
  readonly instance: Instance;
  readonly masterKey: MasterKey;
}

/**
 * The database's one instance row and the key that fits it; both are made in one transaction when
 * there are none.
 */
async function settleInstance(
  db: Kysely<Schema>,
  options: StoreOptions,
  clock: Clock,
): Promise<SettledInstance> {
  const existing = await findInstance(db);
  if (existing) return unlock(existing, options);
  return db.transaction().execute(async (transaction) => {
    const raced = await findInstance(transaction);
    return raced ? unlock(raced, options) : found(transaction, options, clock);
  });
}

function unlock(instance: Instance, { home, masterKey: given }: StoreOptions): SettledInstance {
  const masterKey = loadMasterKey(home, instance.id, instance.key_store, given);
  const fingerprint = keyFingerprint(masterKey.key);
  if (fingerprint !== instance.key_fingerprint) {
    const message = `The master key from the ${masterKey.store} (fingerprint ${fingerprint}) is not the one this database is sealed under (${instance.key_fingerprint}). Nothing was changed. Restore the right key.`;
    throw new DomainError("MISCONFIGURED", message);
  }
  return { instance, masterKey };
}

async function found(
  db: Kysely<Schema>,
  options: StoreOptions,
  clock: Clock,
): Promise<SettledInstance> {
  const id = newId("inst");
  const masterKey = createMasterKey(options.home, id, options.masterKey);
  const instance: Instance = {
    id,
    stamp: options.stamp ?? "play",
    key_store: masterKey.store,
    key_fingerprint: keyFingerprint(masterKey.key),
    created_at: clock.now(),
  };
  await insertInstance(db, instance);
  const vault = new Vault(masterKey.key);
  await options.found?.(foundingOn({ db, vault, clock, gates: new Gates("all") }));
  return { instance, masterKey };
}
