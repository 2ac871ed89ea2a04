import type { AccountsTable } from "./accounts.ts";
import type { ApiKeysTable } from "./api-keys.ts";
import type { AuditHeadsTable, AuditLogTable } from "./audit.ts";
import type { ClaimsTable } from "./claims.ts";
import type { ConnectionsTable } from "./connections.ts";
import type { IdempotencyTable } from "./idempotency.ts";
import type { InstanceTable } from "./instance.ts";
import type { InvocationsTable } from "./invocations.ts";
import type { LeasesTable } from "./leases.ts";
import type { HoldsTable, LedgerEntriesTable, LedgerTxTable } from "./ledger.ts";
import type { ApprovedVersionsTable, FavoritesTable, RatingsTable, SkillRequestsTable } from "./market.ts";
import type { OperatorsTable } from "./operators.ts";
import type { PageServersTable } from "./page-servers.ts";
import type { SealedBlobsTable } from "./sealed-blobs.ts";
import type { SkillsTable, SkillVersionsTable } from "./skills.ts";
import type {
  FreeComputeTable,
  PayoutAccountsTable,
  PayoutsTable,
  RefundsTable,
  SentRefundsTable,
  TopupsTable,
} from "./wallet.ts";

export interface Schema {
  accounts: AccountsTable;
  approved_versions: ApprovedVersionsTable;
  api_keys: ApiKeysTable;
  audit_heads: AuditHeadsTable;
  audit_log: AuditLogTable;
  claims: ClaimsTable;
  connections: ConnectionsTable;
  favorites: FavoritesTable;
  free_compute: FreeComputeTable;
  holds: HoldsTable;
  idempotency: IdempotencyTable;
  instance: InstanceTable;
  invocations: InvocationsTable;
  leases: LeasesTable;
  ledger_entries: LedgerEntriesTable;
  ledger_tx: LedgerTxTable;
  operators: OperatorsTable;
  page_servers: PageServersTable;
  payout_accounts: PayoutAccountsTable;
  payouts: PayoutsTable;
  ratings: RatingsTable;
  refunds: RefundsTable;
  sealed_blobs: SealedBlobsTable;
  sent_refunds: SentRefundsTable;
  skill_requests: SkillRequestsTable;
  skill_versions: SkillVersionsTable;
  skills: SkillsTable;
  topups: TopupsTable;
}
