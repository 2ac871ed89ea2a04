import { CompiledQuery, type Kysely } from "kysely";
import type { Schema } from "../schema/index.ts";

interface OwnedRows {
  /** The table, where it is not the one that it is named by. */
  readonly from?: string;
  /** Left out: all. */
  readonly columns?: string;
  /** The condition of an operator's own rows: a question mark stands for its id. */
  readonly where: string;
  readonly without?: readonly string[];
}

const ITS_AGENTS = "agent_id in (select id from agents where operator_id = ?)";
const ITS_PASSPORTS = "jti in (select jti from passports where operator_id = ?)";
const ITS_SKILLS = "skill_id in (select id from skills where publisher_id = ?)";
const ITS_TOPUPS = "topup_id in (select id from topups where operator_id = ?)";
const ITS_ACCOUNTS = "account_id in (select id from accounts where owner_id = ?)";

/**
 * Every table, with the rows that are an operator's own; null for a table that has none to hand
 * out.
 */
const OWNED = {
  operators: { where: "id = ?" },
  api_keys: { where: "operator_id = ?", without: ["mac"] },
  claims: { where: "operator_id = ?" },
  verifications: { where: "operator_id = ?" },
  agents: { where: "operator_id = ?" },
  agent_grants: { where: ITS_AGENTS },
  agent_spending: { where: ITS_AGENTS },
  passports: { where: "operator_id = ?" },
  revocations: { where: "operator_id = ?" },
  checkpoints: { where: ITS_PASSPORTS },
  checkouts: { where: "operator_id = ?" },
  missions: { where: "operator_id = ?" },
  connections: { where: "operator_id = ?" },
  skills: { where: "publisher_id = ?" },
  skill_versions: { where: ITS_SKILLS },
  invocations: { where: "buyer_id = ?", without: ["lease_owner"] },
  receipts: { where: "invocation_id in (select id from invocations where buyer_id = ?)" },
  ratings: { where: "operator_id = ?" },
  favorites: { where: "operator_id = ?" },
  skill_requests: { where: "operator_id = ?" },
  accounts: { where: "owner_id = ?" },
  holds: { where: ITS_ACCOUNTS },
  ledger_entries: { where: ITS_ACCOUNTS },
  topups: { where: "operator_id = ?" },
  refunds: { where: ITS_TOPUPS },
  payouts: { where: "publisher_id = ?" },
  payout_accounts: { where: "operator_id = ?" },
  free_compute: { where: "operator_id = ?" },
  audit_log: { where: "operator_id = ?" },
  audit_checkpoints: { where: "operator_id = ?" },
  // Bookkeeping of the server, and what other tables or the export of the audit log say already.
  approved_versions: null,
  audit_heads: null,
  enrolment_challenges: null,
  idempotency: null,
  instance: null,
  leases: null,
  ledger_tx: null,
  page_servers: null,
  sealed_blobs: null,
  sent_refunds: null,
  signing_keys: null,
  spent_requests: null,
} as const satisfies Record<keyof Schema, OwnedRows | null>;

/** Runs of its skills: what they brought, and nothing of who bought them or why. */
const SALES: OwnedRows = {
  from: "invocations",
  columns: `id, skill_id, version_id, execution_mode, status, verdict, refusal_code, price_cents, publisher_cents,
    service_cents, created_at, completed_at`,
  where: "publisher_id = ?",
};

const SECTIONS: Readonly<Record<string, OwnedRows>> = {
  ...Object.fromEntries(
    Object.entries(OWNED).flatMap(([table, rows]) => (rows === null ? [] : [[table, rows]])),
  ),
  sales: SALES,
};

export type Row = Readonly<Record<string, unknown>>;
/** The parts of an export: tables, and `sales`. */
export const OWNED_SECTIONS: readonly string[] = Object.keys(SECTIONS);

/** The rows of a part that are an operator's own, as they are stored; at most `limit`. */
export async function ownedRows(
  db: Kysely<Schema>,
  section: string,
  operatorId: string,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<Row[]> {
  const { from = section, columns = "*", where, without = [] } = SECTIONS[section] as OwnedRows;
  const text = `select ${columns} from ${from} where ${where} order by 1, 2 limit ${limit} offset ${offset}`;
  const { rows } = await db.executeQuery<Row>(CompiledQuery.raw(text, [operatorId]));
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => !without.includes(column))),
  );
}
