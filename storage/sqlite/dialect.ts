import type Database from "better-sqlite3";
import {
  type DatabaseConnection,
  type Driver,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from "kysely";
import { systemClock, yieldToOthers } from "../../src/shared/clock.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { isBusy } from "./errors.ts";

const STATEMENT_CACHE = 500;

/**
 * kysely's SQLite dialect with what several processes on one file need: prepared statements are
 * kept, transactions begin IMMEDIATE, and a busy database is waited for without blocking the event
 * loop.
 */
export class WalDialect extends SqliteDialect {
  readonly #raw: Database.Database;

  constructor(raw: Database.Database) {
    super({ database: cachingDatabase(raw) });
    this.#raw = raw;
  }

  override createDriver(): Driver {
    return new WalDriver(this.#raw);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter();
  }
}

/**
 * Migrations run inside one transaction, so that concurrent first starts queue up instead of
 * racing.
 */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class WalDriver extends SqliteDriver {
  readonly #raw: Database.Database;
  readonly #begin: Database.Statement;
  readonly #failAtOnce: Database.Statement;
  readonly #waitAgain: Database.Statement;

  constructor(raw: Database.Database) {
    super({ database: cachingDatabase(raw) });
    this.#raw = raw;
    this.#begin = raw.prepare("begin immediate");
    this.#failAtOnce = raw.prepare("pragma busy_timeout = 0");
    this.#waitAgain = raw.prepare("pragma busy_timeout = 1000");
  }

  override async beginTransaction(_connection: DatabaseConnection): Promise<void> {
    const deadline = systemClock.elapsed() + LIMITS.busyDeadlineMs;
    for (let attempt = 0; !this.#tryBegin(deadline); attempt++) {
      await (attempt < 2
        ? yieldToOthers()
        : systemClock.sleep(1 + Math.random() * Math.min(3, attempt)));
    }
  }

  /** SQLite rolls back by itself when the disk is full; a second rollback would hide the reason. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#raw.inTransaction) await super.rollbackTransaction(connection);
  }

  #tryBegin(deadline: number): boolean {
    this.#failAtOnce.get();
    try {
      this.#begin.run();
      return true;
    } catch (error) {
      if (!isBusy(error) || systemClock.elapsed() > deadline) throw error;
      return false;
    } finally {
      this.#waitAgain.get();
    }
  }
}

/** The database as kysely sees it: each statement is prepared once and kept, oldest out first. */
function cachingDatabase(raw: Database.Database) {
  const cache = new Map<string, Database.Statement>();
  return {
    close: () => raw.close(),
    prepare(sql: string): Database.Statement {
      const known = cache.get(sql);
      if (known) return known;
      const statement = raw.prepare(sql);
      const [oldest] = cache.keys();
      if (cache.size >= STATEMENT_CACHE && oldest !== undefined) cache.delete(oldest);
      cache.set(sql, statement);
      return statement;
    },
  };
}
