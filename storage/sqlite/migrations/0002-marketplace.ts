import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...SKILLS, ...SEARCH, ...MARKET, ...WALLET, ...INVOCATIONS, ...LOCKS]) {
    await sql.raw(statement).execute(db);
  }
}

/**
 * The columns that browsing filters and sorts by are kept beside the skill, so that a page reads
 * one index.
 */
const SKILLS = [
  "alter table skills add column seq integer",
  "update skills set seq = rowid",
  "create unique index skills_seq on skills (seq)",
  "alter table skills add column version text not null default ''",
  "alter table skills add column execution_mode text not null default 'open'",
  "alter table skills add column trust_level_required text not null default 'L0'",
  "alter table skills add column price_cents integer not null default 0",
  "alter table skills add column input_fields text not null default ''",
  "alter table skills add column output_fields text not null default ''",
  `update skills set (version, execution_mode, trust_level_required, price_cents, input_fields, output_fields) = (
    select v.version, v.execution_mode, v.trust_level_required, v.price_cents, ${fieldNames("v.input_schema")}, ${fieldNames("v.output_schema")}
    from skill_versions v where v.id = skills.version_id)`,
  "alter table skills add column accepts_requests integer not null default 1",
  "alter table skills add column review text not null default 'auto' check (review in ('auto', 'manual'))",
  "alter table skills add column approved_version_id text",
  // An admin's rejection lasts: from then on every version is reviewed.
  "alter table skills add column review_locked integer not null default 0",
  "alter table skills add column unlisted integer not null default 0",
  "update skills set unlisted = 1 where status = 'unlisted'",
  "alter table skills add column min_version text",
  "alter table skills add column rejection_reason text",
  "alter table skills add column rating_count integer not null default 0",
  "alter table skills add column average_rating real",
  "alter table skills add column rating_score real not null default 3",
  "drop index skills_status",
  "create index skills_newest on skills (status, seq desc, trust_level_required, execution_mode, price_cents)",
  "create index skills_rating on skills (status, rating_score desc, seq desc, trust_level_required, execution_mode, price_cents)",
  "create index skills_invocations on skills (status, invocation_count desc, seq desc, trust_level_required, execution_mode, price_cents)",
  "create index skills_price on skills (status, price_cents, seq, trust_level_required, execution_mode)",
  "create index skills_publisher on skills (publisher_id, seq desc)",
  "alter table skill_versions add column required_credentials text not null default '[]'",
  "alter table skill_versions add column seller_credential_limit text",
  "alter table skill_versions add column egress_hosts text not null default '[]'",
];

function fieldNames(schema: string): string {
  return `coalesce((select group_concat(key, ' ') from json_each(${schema}, '$.properties')), '')`;
}

const COLUMNS = ["name", "description", "tags", "input_fields", "output_fields"];
const NEW = COLUMNS.map((column) => `new.${column}`).join(", ");
const OLD = COLUMNS.map((column) => `old.${column}`).join(", ");
const LIST = COLUMNS.join(", ");

const SEARCH = [
  `create virtual table skills_fts using fts5(
    ${LIST}, content='skills', content_rowid='seq', tokenize='porter unicode61 remove_diacritics 2')`,
  "insert into skills_fts (skills_fts) values ('rebuild')",
  `create trigger skills_fts_insert after insert on skills begin
    insert into skills_fts (rowid, ${LIST}) values (new.seq, ${NEW});
  end`,
  `create trigger skills_fts_update after update of ${LIST} on skills begin
    insert into skills_fts (skills_fts, rowid, ${LIST}) values ('delete', old.seq, ${OLD});
    insert into skills_fts (rowid, ${LIST}) values (new.seq, ${NEW});
  end`,
];

const MARKET = [
  `create table approved_versions (
    version_id text primary key references skill_versions (id),
    approved_by text not null references operators (id),
    approved_at integer not null
  ) strict, without rowid`,
  `create table ratings (
    skill_id text not null references skills (id),
    version_id text not null references skill_versions (id),
    operator_id text not null references operators (id),
    invocation_id text not null references invocations (id),
    rating integer not null check (rating between 1 and 5),
    paid_cents integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (skill_id, operator_id, version_id)
  ) strict, without rowid`,
  `create table favorites (
    operator_id text not null references operators (id),
    skill_id text not null references skills (id),
    created_at integer not null,
    primary key (operator_id, skill_id)
  ) strict, without rowid`,
  `create table skill_requests (
    id text primary key,
    operator_id text not null references operators (id),
    description text not null,
    desired_input_schema text,
    desired_output_schema text,
    max_price_cents integer,
    tags text not null,
    status text not null check (status in ('open', 'closed', 'fulfilled')),
    created_at integer not null,
    updated_at integer not null
  ) strict`,
  "create index skill_requests_status on skill_requests (status, id desc)",
];

const WALLET = [
  "alter table operators add column base_plan text not null default 'free'",
  "update operators set base_plan = plan",
  "alter table operators add column period_anchor integer",
  "alter table operators add column next_plan text",
  "alter table operators add column period_start integer",
  "alter table operators add column period_end integer",
  "create index operators_period on operators (period_end) where period_end is not null",
  `create table topups (
    id text primary key,
    operator_id text not null references operators (id),
    amount_cents integer not null check (amount_cents > 0),
    refunded_cents integer not null default 0,
    processor text not null,
    processor_event_id text unique,
    status text not null check (status in ('pending', 'paid')),
    created_at integer not null,
    expires_at integer not null,
    paid_at integer,
    check (refunded_cents between 0 and amount_cents),
    check ((status = 'paid') = (paid_at is not null))
  ) strict`,
  "create index topups_operator on topups (operator_id, id)",
  `create table refunds (
    id text primary key,
    request_id text not null,
    topup_id text not null references topups (id),
    amount_cents integer not null check (amount_cents > 0),
    created_at integer not null
  ) strict`,
  "create index refunds_topup on refunds (topup_id)",
  "create index refunds_request on refunds (request_id)",
  `create table payouts (
    id text primary key,
    publisher_id text not null references operators (id),
    period text not null,
    amount_cents integer not null check (amount_cents > 0),
    processor text not null,
    status text not null check (status in ('in_transit', 'paid')),
    created_at integer not null,
    paid_at integer,
    unique (publisher_id, period)
  ) strict`,
  `create table free_compute (
    operator_id text not null references operators (id),
    day integer not null,
    micro_usd integer not null check (micro_usd >= 0),
    runs integer not null,
    primary key (operator_id, day)
  ) strict, without rowid`,
];

const INVOCATIONS = [
  "alter table invocations add column compute_micro_usd integer not null default 0",
  "alter table invocations add column progress integer",
  "drop index invocations_queue",
  "create index invocations_queue on invocations (created_at) where status = 'pending' and execution_mode <> 'open'",
  "create index invocations_buyer_skill on invocations (buyer_id, skill_id, id desc) where status = 'completed'",
  "create index invocations_earned on invocations (publisher_id, skill_id, publisher_cents) where status = 'completed'",
  "create index ledger_entries_newest on ledger_entries (account_id, id desc, amount_cents)",
  "drop index ledger_entries_account",
];

const LOCKS = [
  refuse("refunds_update", "update on refunds", "refunds are never changed"),
  refuse("refunds_delete", "delete on refunds", "refunds are never deleted"),
  refuse("topups_delete", "delete on topups", "top-ups are never deleted"),
  refuse("payouts_delete", "delete on payouts", "payouts are never deleted"),
];

function refuse(name: string, event: string, why: string): string {
  return `create trigger ${name} before ${event} begin select raise(abort, '${why}'); end`;
}
