import type { AccountsTable } from "./accounts.ts";
import type {
  AgentGrantsTable,
  AgentSpendingTable,
  AgentsTable,
  AuditCheckpointsTable,
  CheckoutsTable,
  CheckpointsTable,
  EnrolmentChallengesTable,
  MissionsTable,
  PassportsTable,
  ReceiptsTable,
  RevocationsTable,
  SigningKeysTable,
  SpentRequestsTable,
  VerificationsTable,
} from "./agents.ts";
import type { ApiKeysTable } from "./api-keys.ts";
import type { AuditHeadsTable, AuditLogTable } from "./audit.ts";
import type { ClaimsTable } from "./claims.ts";
import type { ConnectionsTable } from "./connections.ts";
import type { IdempotencyTable } from "./idempotency.ts";
import type { InstanceTable } from "./instance.ts";
import type { InvocationsTable } from "./invocations.ts";
import type { LeasesTable } from "./leases.ts";
import type { HoldsTable, LedgerEntriesTable, LedgerTxTable } from "./ledger.ts";
import type {
  ApprovedVersionsTable,
  FavoritesTable,
  RatingsTable,
  SkillRequestsTable,
} from "./market.ts";
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
  agent_grants: AgentGrantsTable;
  agent_spending: AgentSpendingTable;
  agents: AgentsTable;
  approved_versions: ApprovedVersionsTable;
  api_keys: ApiKeysTable;
  audit_checkpoints: AuditCheckpointsTable;
  audit_heads: AuditHeadsTable;
  audit_log: AuditLogTable;
  checkouts: CheckoutsTable;
  checkpoints: CheckpointsTable;
  claims: ClaimsTable;
  connections: ConnectionsTable;
  enrolment_challenges: EnrolmentChallengesTable;
  favorites: FavoritesTable;
  free_compute: FreeComputeTable;
  holds: HoldsTable;
  idempotency: IdempotencyTable;
  instance: InstanceTable;
  invocations: InvocationsTable;
  leases: LeasesTable;
  ledger_entries: LedgerEntriesTable;
  ledger_tx: LedgerTxTable;
  missions: MissionsTable;
  operators: OperatorsTable;
  page_servers: PageServersTable;
  passports: PassportsTable;
  payout_accounts: PayoutAccountsTable;
  payouts: PayoutsTable;
  ratings: RatingsTable;
  receipts: ReceiptsTable;
  refunds: RefundsTable;
  revocations: RevocationsTable;
  sealed_blobs: SealedBlobsTable;
  sent_refunds: SentRefundsTable;
  signing_keys: SigningKeysTable;
  skill_requests: SkillRequestsTable;
  skill_versions: SkillVersionsTable;
  skills: SkillsTable;
  spent_requests: SpentRequestsTable;
  topups: TopupsTable;
  verifications: VerificationsTable;
}
