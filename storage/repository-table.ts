import { HostMetricsReader } from "./read-models/host-metrics.ts";
import { AgentSpendingReader, AgentSpendingWriter } from "./repositories/agent-spending.ts";
import { AgentReader, AgentWriter } from "./repositories/agents.ts";
import { AuditReader, AuditWriter } from "./repositories/audit.ts";
import { CheckoutReader, CheckoutWriter } from "./repositories/checkouts.ts";
import { ConnectionReader, ConnectionWriter } from "./repositories/connections.ts";
import { DepartureReader, DepartureWriter } from "./repositories/departures.ts";
import { FavoriteReader, FavoriteWriter } from "./repositories/favorites.ts";
import { FreeComputeReader, FreeComputeWriter } from "./repositories/free-compute.ts";
import { IdempotencyReader, IdempotencyWriter } from "./repositories/idempotency.ts";
import { InvocationReader, InvocationWriter } from "./repositories/invocations.ts";
import { LeaseWriter } from "./repositories/leases.ts";
import { LedgerReader, LedgerWriter } from "./repositories/ledger.ts";
import { MissionReader, MissionWriter } from "./repositories/missions.ts";
import { OperatorAdminReader, OperatorAdminWriter } from "./repositories/operator-admin.ts";
import { OperatorReader, OperatorWriter } from "./repositories/operators.ts";
import { PageServerReader, PageServerWriter } from "./repositories/page-servers.ts";
import { PassportReader, PassportWriter } from "./repositories/passports.ts";
import { PayoutReader, PayoutWriter } from "./repositories/payouts.ts";
import { RatingReader, RatingWriter } from "./repositories/ratings.ts";
import { ReceiptReader, ReceiptWriter } from "./repositories/receipts.ts";
import { RevocationReader, RevocationWriter } from "./repositories/revocations.ts";
import { SealedBlobReader, SealedBlobWriter } from "./repositories/sealed-blobs.ts";
import { SigningKeyReader, SigningKeyWriter } from "./repositories/signing-keys.ts";
import { SkillRequestReader, SkillRequestWriter } from "./repositories/skill-requests.ts";
import { SkillReader, SkillWriter } from "./repositories/skills.ts";
import { TopupReader, TopupWriter } from "./repositories/topups.ts";
import { VerificationReader, VerificationWriter } from "./repositories/verifications.ts";
import { type ReadHandle, Repository, type WriteHandle } from "./repository.ts";

/** Every repository: the class that a reader has, and the class that a transaction has. */
const REPOSITORIES = {
  agentSpending: [AgentSpendingReader, AgentSpendingWriter],
  agents: [AgentReader, AgentWriter],
  audit: [AuditReader, AuditWriter],
  checkouts: [CheckoutReader, CheckoutWriter],
  connections: [ConnectionReader, ConnectionWriter],
  departures: [DepartureReader, DepartureWriter],
  favorites: [FavoriteReader, FavoriteWriter],
  freeCompute: [FreeComputeReader, FreeComputeWriter],
  hostMetrics: [HostMetricsReader, HostMetricsReader],
  idempotency: [IdempotencyReader, IdempotencyWriter],
  invocations: [InvocationReader, InvocationWriter],
  leases: [Repository, LeaseWriter],
  ledger: [LedgerReader, LedgerWriter],
  missions: [MissionReader, MissionWriter],
  operatorAdmin: [OperatorAdminReader, OperatorAdminWriter],
  operators: [OperatorReader, OperatorWriter],
  pageServers: [PageServerReader, PageServerWriter],
  passports: [PassportReader, PassportWriter],
  payouts: [PayoutReader, PayoutWriter],
  ratings: [RatingReader, RatingWriter],
  receipts: [ReceiptReader, ReceiptWriter],
  skillRequests: [SkillRequestReader, SkillRequestWriter],
  sealed: [SealedBlobReader, SealedBlobWriter],
  revocations: [RevocationReader, RevocationWriter],
  signingKeys: [SigningKeyReader, SigningKeyWriter],
  skills: [SkillReader, SkillWriter],
  topups: [TopupReader, TopupWriter],
  verifications: [VerificationReader, VerificationWriter],
} as const;

type Table = typeof REPOSITORIES;
type Name = keyof Table;

/** Repositories that only read. */
export type Reader = { readonly [Each in Name]: InstanceType<Table[Each][0]> };

/**
 * Repositories of a transaction that decides for the whole instance: nothing is left to do after
 * it.
 */
export type Founding = { readonly [Each in Name]: InstanceType<Table[Each][1]> };

/** Repositories bound to one transaction: the only place where anything can be written. */
export interface Transaction extends Founding {
  /** Adds an effect that happens when, and only when, the transaction was committed. */
  onCommit(effect: () => void): void;
}

const Readers = binding(0);
const Writers = binding(1);

/** Binds the repositories that read to a handle. */
export function readerOn(handle: ReadHandle): Reader {
  return new Readers(handle) as unknown as Reader;
}

/** Binds the repositories that write to the transaction of a handle. */
export function foundingOn(handle: WriteHandle): Founding {
  return new Writers(handle) as unknown as Founding;
}

/**
 * Binds the same to a transaction that others wait for. `onCommit` adds an effect after the commit.
 */
export function transactionOn(handle: WriteHandle, onCommit: Transaction["onCommit"]): Transaction {
  return Object.assign(foundingOn(handle), { onCommit });
}

/**
 * Makes a class that has a repository under each name, and builds it when it is first asked for.
 */
function binding(side: 0 | 1) {
  class Binding {
    readonly handle: ReadHandle;
    readonly built = new Map<string, Repository>();

    constructor(handle: ReadHandle) {
      this.handle = handle;
    }
  }
  for (const [name, classes] of Object.entries(REPOSITORIES)) {
    const Bound = classes[side] as new (handle: ReadHandle) => Repository;
    Object.defineProperty(Binding.prototype, name, {
      get(this: Binding) {
        const repository = this.built.get(name) ?? new Bound(this.handle);
        this.built.set(name, repository);
        return repository;
      },
    });
  }
  return Binding;
}
