import type { Kysely } from "kysely";
import type { Clock } from "../src/shared/clock.ts";
import type { ChangeFeed } from "./changes.ts";
import { AuditReader, AuditWriter } from "./repositories/audit.ts";
import { FreeComputeReader, FreeComputeWriter } from "./repositories/free-compute.ts";
import { IdempotencyReader, IdempotencyWriter } from "./repositories/idempotency.ts";
import type { Instance } from "./repositories/instance.ts";
import { InvocationReader, InvocationWriter } from "./repositories/invocations.ts";
import { findLedgerProblems, LedgerReader, LedgerWriter } from "./repositories/ledger.ts";
import { OperatorReader, OperatorWriter } from "./repositories/operators.ts";
import { RatingReader, RatingWriter } from "./repositories/ratings.ts";
import { SealedBlobReader, SealedBlobWriter } from "./repositories/sealed-blobs.ts";
import { SkillReader, SkillWriter } from "./repositories/skills.ts";
import type { Schema } from "./schema/index.ts";
import { fromSqlite } from "./sqlite-errors.ts";
import type { Vault } from "./vault/envelope.ts";

/** Repositories that only read. */
export interface Reader {
  readonly audit: AuditReader;
  readonly freeCompute: FreeComputeReader;
  readonly idempotency: IdempotencyReader;
  readonly invocations: InvocationReader;
  readonly ledger: LedgerReader;
  readonly operators: OperatorReader;
  readonly ratings: RatingReader;
  readonly sealed: SealedBlobReader;
  readonly skills: SkillReader;
}

/** Repositories bound to one transaction: the only place where anything can be written. */
export interface Transaction {
  readonly audit: AuditWriter;
  readonly freeCompute: FreeComputeWriter;
  readonly idempotency: IdempotencyWriter;
  readonly invocations: InvocationWriter;
  readonly ledger: LedgerWriter;
  readonly operators: OperatorWriter;
  readonly ratings: RatingWriter;
  readonly sealed: SealedBlobWriter;
  readonly skills: SkillWriter;
}

export interface StoreParts {
  /** The database file, for messages. */
  readonly path: string;
  readonly readHandle: Kysely<Schema>;
  readonly writeHandle: Kysely<Schema>;
  readonly vault: Vault;
  readonly instance: Instance;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
}

/** The database as the services see it. */
export class Store {
  readonly instance: Instance;
  readonly changes: ChangeFeed;
  readonly #parts: StoreParts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.instance = parts.instance;
    this.changes = parts.changes;
  }

  async read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    try {
      return await work(readerOn(this.#parts));
    } catch (error) {
      throw fromSqlite(error, this.#parts.path);
    }
  }

  /**
   * Runs `work` in one transaction; whatever it throws undoes all of it. Nothing but the transaction may be awaited
   * inside: every other writer waits meanwhile. Throws BUSY when the database stays locked, STORAGE_FULL when there is
   * no room.
   */
  async transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    try {
      const result = await this.#parts.writeHandle.transaction().execute((db) => work(transactionOn(db, this.#parts)));
      this.changes.announce();
      return result;
    } catch (error) {
      throw fromSqlite(error, this.#parts.path);
    }
  }

  /** A key for one purpose, derived from the key-encryption key. */
  deriveKey(purpose: string): Buffer {
    return this.#parts.vault.derive(purpose);
  }

  async findLedgerProblems(): Promise<string[]> {
    return findLedgerProblems(this.#parts.readHandle);
  }

  async close(): Promise<void> {
    this.changes.close();
    await this.#parts.readHandle.destroy();
    await this.#parts.writeHandle.destroy();
  }
}

export function transactionOn(db: Kysely<Schema>, { vault, clock }: Pick<StoreParts, "vault" | "clock">): Transaction {
  const audit = new AuditWriter(db, clock);
  return {
    audit,
    freeCompute: new FreeComputeWriter(db),
    idempotency: new IdempotencyWriter(db, clock),
    invocations: new InvocationWriter(db),
    ledger: new LedgerWriter(db, audit, clock),
    operators: new OperatorWriter(db, clock),
    ratings: new RatingWriter(db, clock),
    sealed: new SealedBlobWriter(db, vault),
    skills: new SkillWriter(db, clock),
  };
}

function readerOn({ readHandle, vault, clock }: StoreParts): Reader {
  return {
    audit: new AuditReader(readHandle),
    freeCompute: new FreeComputeReader(readHandle),
    idempotency: new IdempotencyReader(readHandle, clock),
    invocations: new InvocationReader(readHandle),
    ledger: new LedgerReader(readHandle),
    operators: new OperatorReader(readHandle, clock),
    ratings: new RatingReader(readHandle),
    sealed: new SealedBlobReader(readHandle, vault),
    skills: new SkillReader(readHandle),
  };
}
