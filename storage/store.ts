import type { Kysely } from "kysely";
import type { Clock } from "../src/shared/clock.ts";
import { Gates } from "./gates.ts";
import type { IdempotencyKey } from "./repositories/idempotency.ts";
import type { Instance } from "./repositories/instance.ts";
import { findLedgerProblems } from "./repositories/ledger-invariants.ts";
import type { SealedPackage } from "./repositories/sealed-blobs.ts";
import {
  type Founding,
  foundingOn,
  type Reader,
  readerOn,
  type Transaction,
  transactionOn,
} from "./repository-table.ts";
import type { Schema } from "./schema/index.ts";
import type { ChangeFeed } from "./sqlite/changes.ts";
import { fromSqlite } from "./sqlite/errors.ts";
import { additionalData, type Vault } from "./vault/envelope.ts";

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

const MEMO_ENTRIES = 1_000;

/** The database as the services see it. */
export class Store {
  readonly instance: Instance;
  readonly changes: ChangeFeed;
  readonly #parts: StoreParts;
  #memo: { readonly version: unknown; readonly values: Map<string, Promise<unknown>> } = {
    version: undefined,
    values: new Map(),
  };

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.instance = parts.instance;
    this.changes = parts.changes;
  }

  async read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    try {
      return await work(readerOn({ ...this.#parts, db: this.#parts.readHandle }));
    } catch (error) {
      throw fromSqlite(error, this.#parts.path);
    }
  }

  /**
   * Reads by `work` and keeps the value until the database changes: then everything kept is
   * forgotten. The value is shared, so nobody changes it.
   */
  async memo<T>(key: string, work: (reader: Reader) => Promise<T>): Promise<T> {
    const version = this.changes.version();
    if (version !== this.#memo.version || this.#memo.values.size >= MEMO_ENTRIES) {
      this.#memo = { version, values: new Map() };
    }
    const { values } = this.#memo;
    const known = values.get(key);
    if (known) return known as Promise<T>;
    const value = this.read(work);
    values.set(key, value);
    value.catch(() => values.delete(key));
    return value;
  }

  /**
   * Runs `work` in one transaction; whatever it throws undoes all of it. `gates` are the operators
   * whose decisions it makes (`Gates`). Nothing but the transaction may be awaited inside: every
   * other writer waits meanwhile. `work` may run more than once before it is committed, so it
   * changes nothing outside: what has to happen then goes to `onCommit`. Throws BUSY when the
   * database stays locked, STORAGE_FULL when there is no room.
   */
  async transact<T>(
    gates: readonly string[],
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    const effects: (() => void)[] = [];
    const result = await this.#commit((db) => {
      effects.length = 0;
      const onCommit = (effect: () => void) => void effects.push(effect);
      return work(transactionOn({ ...this.#parts, db, gates: new Gates(gates) }, onCommit));
    });
    this.changes.announce();
    for (const effect of effects) effect();
    return result;
  }

  /**
   * The same for what decides for the whole instance, operators that it makes among them: nobody
   * else decides meanwhile.
   */
  async transactAlone<T>(work: (transaction: Founding) => Promise<T>): Promise<T> {
    const result = await this.#commit((db) =>
      work(foundingOn({ ...this.#parts, db, gates: new Gates("all") })),
    );
    this.changes.announce();
    return result;
  }

  /**
   * The same, once for each key: `work` gives back the id of what it made, and for a key that was
   * used before nothing is done and that id comes back. Throws IDEMPOTENCY_CONFLICT for a key that
   * was used with another input.
   */
  async transactOnce(
    gates: readonly string[],
    key: IdempotencyKey | undefined,
    work: (transaction: Transaction) => Promise<string>,
  ): Promise<string> {
    return this.transact(gates, async (t) => {
      const known = key && (await t.idempotency.find(key));
      if (known !== undefined) return known;
      const made = await work(t);
      if (key) await t.idempotency.insert(key, made);
      return made;
    });
  }

  async #commit<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
    try {
      return await this.#parts.writeHandle.transaction().execute(work);
    } catch (error) {
      throw fromSqlite(error, this.#parts.path);
    }
  }

  /** A key for one purpose, derived from the key-encryption key. */
  deriveKey(purpose: string): Buffer {
    return this.#parts.vault.derive(purpose);
  }

  /** Seals a text that is not stored, for the one place that will open it. */
  sealForOnce(owner: string, plaintext: string): SealedPackage {
    const { vault } = this.#parts;
    const envelope = vault.seal(owner, plaintext);
    const dataKey = vault.dataKey(owner, envelope);
    return { ciphertext: envelope.ciphertext, dataKey, additionalData: additionalData(owner) };
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
