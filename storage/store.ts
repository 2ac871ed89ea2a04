import type { Kysely } from "kysely";
import type { Clock } from "../src/shared/clock.ts";
import { Gates } from "./gates.ts";
import { HostFigures } from "./read-models/host-metrics.ts";
import { AgentSpendingReader, AgentSpendingWriter } from "./repositories/agent-spending.ts";
import { AgentReader, AgentWriter } from "./repositories/agents.ts";
import { AuditReader, AuditWriter } from "./repositories/audit.ts";
import { CheckoutReader, CheckoutWriter } from "./repositories/checkouts.ts";
import { ConnectionReader, ConnectionWriter } from "./repositories/connections.ts";
import { DepartureReader, DepartureWriter } from "./repositories/departures.ts";
import { FreeComputeReader, FreeComputeWriter } from "./repositories/free-compute.ts";
import {
  type IdempotencyKey,
  IdempotencyReader,
  IdempotencyWriter,
} from "./repositories/idempotency.ts";
import type { Instance } from "./repositories/instance.ts";
import { InvocationReader, InvocationWriter } from "./repositories/invocations.ts";
import { LeaseWriter } from "./repositories/leases.ts";
import { LedgerReader, LedgerWriter } from "./repositories/ledger.ts";
import { findLedgerProblems } from "./repositories/ledger-invariants.ts";
import { OperatorAdminReader, OperatorAdminWriter } from "./repositories/operator-admin.ts";
import { OperatorReader, OperatorWriter } from "./repositories/operators.ts";
import { PageServerReader, PageServerWriter } from "./repositories/page-servers.ts";
import { PassportReader, PassportWriter } from "./repositories/passports.ts";
import { PayoutReader, PayoutWriter } from "./repositories/payouts.ts";
import { RatingReader, RatingWriter } from "./repositories/ratings.ts";
import { ReceiptReader, ReceiptWriter } from "./repositories/receipts.ts";
import {
  SealedBlobReader,
  SealedBlobWriter,
  type SealedPackage,
} from "./repositories/sealed-blobs.ts";
import { SigningKeyReader, SigningKeyWriter } from "./repositories/signing-keys.ts";
import { SkillRequestReader, SkillRequestWriter } from "./repositories/skill-requests.ts";
import { SkillReader, SkillWriter } from "./repositories/skills.ts";
import { TopupReader, TopupWriter } from "./repositories/topups.ts";
import { VerificationReader, VerificationWriter } from "./repositories/verifications.ts";
import type { Schema } from "./schema/index.ts";
import type { ChangeFeed } from "./sqlite/changes.ts";
import { fromSqlite } from "./sqlite/errors.ts";
import { additionalData, type Vault } from "./vault/envelope.ts";

/** Repositories that only read. */
export interface Reader {
  readonly agents: AgentReader;
  readonly agentSpending: AgentSpendingReader;
  readonly audit: AuditReader;
  readonly checkouts: CheckoutReader;
  readonly connections: ConnectionReader;
  readonly departures: DepartureReader;
  readonly freeCompute: FreeComputeReader;
  readonly hostFigures: HostFigures;
  readonly idempotency: IdempotencyReader;
  readonly invocations: InvocationReader;
  readonly ledger: LedgerReader;
  readonly operators: OperatorReader;
  readonly operatorAdmin: OperatorAdminReader;
  readonly pageServers: PageServerReader;
  readonly passports: PassportReader;
  readonly payouts: PayoutReader;
  readonly ratings: RatingReader;
  readonly receipts: ReceiptReader;
  readonly requests: SkillRequestReader;
  readonly sealed: SealedBlobReader;
  readonly signingKeys: SigningKeyReader;
  readonly skills: SkillReader;
  readonly topups: TopupReader;
  readonly verifications: VerificationReader;
}

/** Repositories bound to one transaction: the only place where anything can be written. */
export interface Transaction {
  readonly agents: AgentWriter;
  readonly agentSpending: AgentSpendingWriter;
  readonly audit: AuditWriter;
  readonly checkouts: CheckoutWriter;
  readonly connections: ConnectionWriter;
  readonly departures: DepartureWriter;
  readonly freeCompute: FreeComputeWriter;
  readonly hostFigures: HostFigures;
  readonly idempotency: IdempotencyWriter;
  readonly invocations: InvocationWriter;
  readonly leases: LeaseWriter;
  readonly ledger: LedgerWriter;
  readonly operators: OperatorWriter;
  readonly operatorAdmin: OperatorAdminWriter;
  readonly pageServers: PageServerWriter;
  readonly passports: PassportWriter;
  readonly payouts: PayoutWriter;
  readonly ratings: RatingWriter;
  readonly receipts: ReceiptWriter;
  readonly requests: SkillRequestWriter;
  readonly sealed: SealedBlobWriter;
  readonly signingKeys: SigningKeyWriter;
  readonly skills: SkillWriter;
  readonly topups: TopupWriter;
  readonly verifications: VerificationWriter;
  /** What has to happen when, and only when, the transaction was committed. */
  onCommit(effect: () => void): void;
}

/** The transaction that makes a database: nobody else is there to wait for. */
export type Founding = Omit<Transaction, "onCommit">;

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
      return await work(readerOn(this.#parts));
    } catch (error) {
      throw fromSqlite(error, this.#parts.path);
    }
  }

  /**
   * What `work` reads, kept until the database changes: then everything kept is forgotten. The value is shared, so nobody
   * changes it.
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
   * Runs `work` in one transaction; whatever it throws undoes all of it. `gates` are the operators whose decisions it
   * makes (`Gates`). Nothing but the transaction may be awaited inside: every other writer waits meanwhile. `work` may run
   * more than once before it is committed, so it changes nothing outside: what has to happen then goes to `onCommit`.
   * Throws BUSY when the database stays locked, STORAGE_FULL when there is no room.
   */
  async transact<T>(
    gates: readonly string[],
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    const effects: (() => void)[] = [];
    const result = await this.#commit((db) => {
      effects.length = 0;
      const repositories = transactionOn(db, this.#parts, new Gates(gates));
      return work({ ...repositories, onCommit: (effect) => void effects.push(effect) });
    });
    this.changes.announce();
    for (const effect of effects) effect();
    return result;
  }

  /**
   * The same for what decides for the whole instance, operators that it makes among them: nobody else decides meanwhile.
   */
  async transactAlone<T>(work: (transaction: Founding) => Promise<T>): Promise<T> {
    const result = await this.#commit((db) =>
      work(transactionOn(db, this.#parts, new Gates("all"))),
    );
    this.changes.announce();
    return result;
  }

  /**
   * The same, once for each key: `work` gives back the id of what it made, and for a key that was used before nothing is
   * done and that id comes back. Throws IDEMPOTENCY_CONFLICT for a key that was used with another input.
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

export function transactionOn(
  db: Kysely<Schema>,
  { vault, clock }: Pick<StoreParts, "vault" | "clock">,
  gates: Gates,
): Founding {
  const audit = new AuditWriter(db, clock, gates);
  return {
    agents: new AgentWriter(db, clock),
    agentSpending: new AgentSpendingWriter(db, gates),
    audit,
    checkouts: new CheckoutWriter(db, clock),
    connections: new ConnectionWriter(db, vault, clock),
    freeCompute: new FreeComputeWriter(db, gates),
    hostFigures: new HostFigures(db),
    idempotency: new IdempotencyWriter(db, clock, gates),
    invocations: new InvocationWriter(db, gates),
    leases: new LeaseWriter(db),
    ledger: new LedgerWriter(db, audit, clock, gates),
    operators: new OperatorWriter(db, clock),
    departures: new DepartureWriter(db, clock),
    operatorAdmin: new OperatorAdminWriter(db),
    pageServers: new PageServerWriter(db),
    passports: new PassportWriter(db, clock),
    payouts: new PayoutWriter(db, clock),
    ratings: new RatingWriter(db, clock),
    receipts: new ReceiptWriter(db),
    requests: new SkillRequestWriter(db, clock),
    sealed: new SealedBlobWriter(db, vault),
    signingKeys: new SigningKeyWriter(db, clock),
    skills: new SkillWriter(db, clock),
    topups: new TopupWriter(db, clock),
    verifications: new VerificationWriter(db, clock),
  };
}

function readerOn({ readHandle, vault, clock }: StoreParts): Reader {
  return {
    agents: new AgentReader(readHandle, clock),
    agentSpending: new AgentSpendingReader(readHandle),
    audit: new AuditReader(readHandle),
    checkouts: new CheckoutReader(readHandle),
    connections: new ConnectionReader(readHandle, vault, clock),
    freeCompute: new FreeComputeReader(readHandle),
    hostFigures: new HostFigures(readHandle),
    idempotency: new IdempotencyReader(readHandle, clock),
    invocations: new InvocationReader(readHandle),
    ledger: new LedgerReader(readHandle),
    operators: new OperatorReader(readHandle, clock),
    departures: new DepartureReader(readHandle),
    operatorAdmin: new OperatorAdminReader(readHandle),
    pageServers: new PageServerReader(readHandle),
    passports: new PassportReader(readHandle, clock),
    payouts: new PayoutReader(readHandle),
    ratings: new RatingReader(readHandle),
    receipts: new ReceiptReader(readHandle),
    requests: new SkillRequestReader(readHandle),
    sealed: new SealedBlobReader(readHandle, vault),
    signingKeys: new SigningKeyReader(readHandle),
    skills: new SkillReader(readHandle),
    topups: new TopupReader(readHandle, clock),
    verifications: new VerificationReader(readHandle),
  };
}
