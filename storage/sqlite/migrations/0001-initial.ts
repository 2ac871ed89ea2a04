import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...TABLES, ...INDEXES, ...TRIGGERS])
    await sql.raw(statement).execute(db);
}

const TABLES = [
  `create table instance (
    id text primary key,
    stamp text not null check (stamp in ('play', 'live')),
    key_store text not null,
    key_fingerprint text not null,
    created_at integer not null
  ) strict`,
  `create table operators (
    id text primary key,
    name text not null unique,
    plan text not null,
    is_local integer not null default 0,
    is_admin integer not null default 0,
    created_at integer not null
  ) strict`,
  `create table api_keys (
    id text primary key,
    operator_id text not null references operators (id),
    mac text not null,
    created_at integer not null,
    revoked_at integer
  ) strict`,
  `create table claims (
    id text primary key,
    operator_id text not null references operators (id),
    claim_type text not null,
    provider text not null,
    created_at integer not null,
    expires_at integer,
    revoked_at integer
  ) strict`,
  `create table skills (
    id text primary key,
    publisher_id text not null references operators (id),
    agent_id text,
    name text not null,
    description text not null,
    tags text not null,
    status text not null check (status in ('active', 'suspended', 'unlisted', 'pending_review')),
    version_id text not null,
    invocation_count integer not null default 0,
    created_at integer not null,
    updated_at integer not null,
    unique (publisher_id, name)
  ) strict`,
  `create table skill_versions (
    id text primary key,
    skill_id text not null references skills (id),
    version text not null,
    digest text not null,
    execution_mode text not null check (execution_mode in ('open', 'sealed', 'source')),
    credential_mode text not null,
    trust_level_required text not null check (trust_level_required in ('L0', 'L1', 'L2')),
    price_cents integer not null check (price_cents >= 0),
    invocation_ttl_seconds integer not null,
    input_schema text not null,
    output_schema text not null,
    pipeline text not null,
    created_at integer not null,
    unique (skill_id, version)
  ) strict`,
  `create table sealed_blobs (
    owner text primary key,
    wrapped_key blob not null,
    ciphertext blob not null
  ) strict`,
  `create table invocations (
    id text primary key,
    skill_id text not null references skills (id),
    version_id text not null references skill_versions (id),
    buyer_id text not null references operators (id),
    publisher_id text not null references operators (id),
    execution_mode text not null,
    agent_id text,
    passport_id text,
    status text not null check (status in ('pending', 'processing', 'completed', 'failed', 'expired', 'cancelled')),
    price_cents integer not null,
    reserve_cents integer not null,
    compute_cents integer not null default 0,
    publisher_cents integer not null default 0,
    providers text not null,
    input_digest text not null,
    input_chars integer not null,
    output_digest text,
    stand_in integer not null default 0,
    verdict text,
    failed_step integer,
    failed_line integer,
    lease_owner text,
    lease_expires_at integer,
    created_at integer not null,
    started_at integer,
    completed_at integer,
    expires_at integer not null,
    check ((status = 'processing') = (lease_owner is not null))
  ) strict`,
  `create table accounts (
    id text primary key,
    owner_id text not null references operators (id),
    guarded integer not null,
    posted_cents integer not null default 0,
    held_cents integer not null default 0,
    check (held_cents >= 0),
    check (guarded = 0 or posted_cents - held_cents >= 0)
  ) strict`,
  `create table ledger_tx (
    id text primary key,
    kind text not null,
    ref text not null,
    sealed integer not null default 0,
    created_at integer not null,
    unique (kind, ref)
  ) strict`,
  `create table ledger_entries (
    id integer primary key autoincrement,
    tx_id text not null references ledger_tx (id),
    account_id text not null,
    amount_cents integer not null check (amount_cents <> 0),
    unique (tx_id, account_id)
  ) strict`,
  `create table holds (
    id text primary key,
    ref text not null unique references invocations (id),
    account_id text not null references accounts (id),
    amount_cents integer not null check (amount_cents >= 0),
    state text not null check (state in ('pending', 'settled', 'voided')),
    created_at integer not null
  ) strict`,
  `create table idempotency (
    operator_id text not null references operators (id),
    operation text not null,
    key text not null,
    request_digest text not null,
    subject_id text not null,
    expires_at integer not null,
    primary key (operator_id, operation, key)
  ) strict, without rowid`,
  `create table audit_log (
    operator_id text not null,
    seq integer not null,
    body text not null,
    hash text not null,
    primary key (operator_id, seq)
  ) strict, without rowid`,
  `create table audit_heads (
    operator_id text primary key,
    seq integer not null,
    hash text not null
  ) strict`,
];

const INDEXES = [
  "create unique index operators_local on operators (is_local) where is_local = 1",
  "create index claims_operator on claims (operator_id)",
  "create index skills_status on skills (status, id desc)",
  "create index invocations_queue on invocations (created_at) where status = 'pending' and execution_mode = 'sealed'",
  "create index invocations_leased on invocations (lease_expires_at) where status = 'processing'",
  "create index invocations_buyer on invocations (buyer_id, id desc)",
  "create index invocations_publisher_pending on invocations (publisher_id, id) where status = 'pending'",
  "create index invocations_expiry on invocations (expires_at) where status = 'pending'",
  "create index ledger_entries_account on ledger_entries (account_id)",
  "create index holds_pending on holds (account_id) where state = 'pending'",
  "create index idempotency_expiry on idempotency (expires_at)",
];

/** The ledger defends itself: whatever the program does, these hold. */
const TRIGGERS = [
  refuse("ledger_entries_update", "update on ledger_entries", "ledger entries are never changed"),
  refuse("ledger_entries_delete", "delete on ledger_entries", "ledger entries are never deleted"),
  refuse("ledger_tx_delete", "delete on ledger_tx", "ledger transactions are never deleted"),
  refuse(
    "ledger_tx_change",
    "update on ledger_tx",
    "a sealed ledger transaction is never changed",
    "old.sealed = 1 or new.id <> old.id or new.kind <> old.kind or new.ref <> old.ref",
  ),
  refuse(
    "ledger_entries_late",
    "insert on ledger_entries",
    "the ledger transaction is sealed",
    "(select sealed from ledger_tx where id = new.tx_id) <> 0",
  ),
  refuse(
    "ledger_tx_balance",
    "update of sealed on ledger_tx",
    "the ledger transaction does not balance",
    "new.sealed = 1 and coalesce((select sum(amount_cents) from ledger_entries where tx_id = new.id), 0) <> 0",
  ),
  refuse(
    "ledger_tx_born_open",
    "insert on ledger_tx",
    "a ledger transaction starts unsealed",
    "new.sealed <> 0",
  ),
  refuse("holds_delete", "delete on holds", "holds are never deleted"),
  refuse(
    "holds_change",
    "update on holds",
    "a hold leaves pending once, and nothing else of it changes",
    "old.state <> 'pending' or new.state = 'pending' or new.amount_cents <> old.amount_cents or new.ref <> old.ref or new.account_id <> old.account_id",
  ),
  refuse("audit_log_update", "update on audit_log", "audit rows are never changed"),
  refuse("audit_log_delete", "delete on audit_log", "audit rows are never deleted"),
  refuse("skill_versions_update", "update on skill_versions", "skill versions are immutable"),
  `create trigger ledger_entries_post after insert on ledger_entries begin
    update accounts set posted_cents = posted_cents + new.amount_cents where id = new.account_id;
  end`,
];

function refuse(name: string, event: string, why: string, when = "1"): string {
  return `create trigger ${name} before ${event} when ${when} begin select raise(abort, '${why}'); end`;
}
