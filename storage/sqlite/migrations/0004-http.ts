import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  "alter table api_keys add column name text not null default 'default'",
  // JSON of the scopes it is held to; null: whatever its operator may do.
  "alter table api_keys add column scopes text",
  "alter table api_keys add column expires_at integer",
  "create index api_keys_operator on api_keys (operator_id)",
  // Where a process of this database serves pages, as long as it says so.
  `create table page_servers (
    id text primary key,
    url text not null,
    expires_at integer not null
  ) strict, without rowid`,
  // The page on which a processor takes the payment, and what it calls the payment.
  "alter table topups add column processor_url text",
  "alter table topups add column processor_ref text",
  "alter table payouts add column processor_ref text",
  `create table payout_accounts (
    operator_id text not null references operators (id),
    processor text not null,
    account_ref text not null,
    ready integer not null default 0,
    created_at integer not null,
    primary key (operator_id, processor)
  ) strict, without rowid`,
  // What one process at a time says to a processor.
  `create table leases (
    name text primary key,
    expires_at integer not null
  ) strict, without rowid`,
  // Refunds that a processor has taken; the money left the wallet before.
  `create table sent_refunds (
    refund_id text primary key references refunds (id),
    sent_at integer not null
  ) strict, without rowid`,
  "create unique index payout_accounts_ref on payout_accounts (processor, account_ref)",
  // Input and output are gone, their digests stay.
  "alter table invocations add column erased_at integer",
  "create index invocations_unerased on invocations (completed_at) where erased_at is null and completed_at is not null",
  "create index invocations_verdict on invocations (status, verdict)",
];
