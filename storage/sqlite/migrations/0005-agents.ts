import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table agents (
    id text primary key,
    operator_id text not null references operators (id),
    name text not null,
    description text,
    status text not null check (status in ('active', 'suspended')),
    accountability_mode text not null check (accountability_mode in ('enforced', 'logged', 'standard')),
    on_warning text not null check (on_warning in ('notify', 'block')),
    on_critical text not null check (on_critical in ('notify', 'block')),
    credential_access text not null check (credential_access in ('direct', 'proxy_preferred', 'proxy_only')),
    skill_access_mode text not null check (skill_access_mode in ('all', 'allowed')),
    allowed_skills text not null,
    icon_url text,
    passport_blocked integer not null default 0,
    public_key text,
    created_at integer not null,
    updated_at integer not null,
    deleted_at integer
  ) strict`,
  "create unique index agents_name on agents (operator_id, name) where deleted_at is null",
  // Connections that an agent was given, with the scopes it may ask for.
  `create table agent_grants (
    agent_id text not null references agents (id),
    connection_id text not null references connections (id) on delete cascade,
    scopes text not null,
    primary key (agent_id, connection_id)
  ) strict, without rowid`,
  `create table enrolment_challenges (
    id text primary key,
    agent_id text not null references agents (id),
    challenge text not null,
    expires_at integer not null
  ) strict, without rowid`,
  // Signed requests that were let in: each of them once.
  `create table spent_requests (
    agent_id text not null references agents (id),
    jti text not null,
    expires_at integer not null,
    primary key (agent_id, jti)
  ) strict, without rowid`,
  "create index spent_requests_expiry on spent_requests (expires_at)",
  `create table signing_keys (
    kid text primary key,
    public_jwk text not null,
    status text not null check (status in ('next', 'active', 'retired')),
    created_at integer not null,
    retired_at integer
  ) strict`,
  "create unique index signing_keys_one on signing_keys (status) where status <> 'retired'",
  `create table passports (
    jti text primary key,
    operator_id text not null references operators (id),
    agent_id text not null references agents (id),
    session_id text not null,
    parent_jti text references passports (jti),
    depth integer not null check (depth between 0 and 4),
    issuer text not null,
    services text not null,
    claim_ids text not null,
    intent text,
    accountability text not null,
    checkpoint_interval integer,
    mandate text,
    max_total_cents integer,
    spent_cents integer not null default 0 check (spent_cents >= 0),
    mission_id text,
    issued_at integer not null,
    expires_at integer not null,
    signed_until integer not null,
    ends_at integer not null,
    checked_out_at integer,
    revoked_at integer,
    revoke_reason text,
    check (max_total_cents is null or spent_cents <= max_total_cents)
  ) strict`,
  "create index passports_parent on passports (parent_jti) where parent_jti is not null",
  "create index passports_operator on passports (operator_id, expires_at)",
  "create index passports_agent on passports (agent_id)",
  "create index passports_session on passports (session_id)",
  "create index passports_revoked on passports (signed_until) where revoked_at is not null",
  "create index agent_grants_connection on agent_grants (connection_id)",
  "create index enrolment_challenges_agent on enrolment_challenges (agent_id)",
  // What is revoked stays revoked.
  `create trigger passports_revoked_stay before update of revoked_at on passports
    when old.revoked_at is not null and new.revoked_at is not old.revoked_at
    begin select raise(abort, 'a revoked passport stays revoked'); end`,
  `create table revocations (
    seq integer primary key autoincrement,
    operator_id text not null references operators (id),
    type text not null,
    target text not null,
    jtis text not null,
    reason text,
    created_at integer not null
  ) strict`,
  "create index revocations_operator on revocations (operator_id, seq)",
  `create table checkpoints (
    id integer primary key autoincrement,
    jti text not null references passports (jti),
    services_used text not null,
    actions_count integer not null,
    undeclared text not null,
    created_at integer not null
  ) strict`,
  "create index checkpoints_passport on checkpoints (jti)",
  `create table checkouts (
    id text primary key,
    operator_id text not null references operators (id),
    agent_id text not null references agents (id),
    jti text not null unique references passports (jti),
    bucket text not null check (bucket in ('clean', 'flagged', 'blocked')),
    findings text not null,
    status text not null check (status in ('closed', 'pending', 'approved', 'blocked')),
    created_at integer not null,
    reviewed_at integer
  ) strict`,
  "create index checkouts_operator on checkouts (operator_id, id desc)",
  `create table missions (
    id text primary key,
    operator_id text not null references operators (id),
    agent_id text not null references agents (id),
    jti text not null references passports (jti),
    created_at integer not null
  ) strict`,
  "alter table claims add column layer text not null default 'identity'",
  "alter table claims add column assurance_level text not null default 'substantial'",
  "alter table claims add column verification_id text",
  "update claims set layer = 'humanity' where claim_type = 'verified_human'",
  `create table verifications (
    id text primary key,
    operator_id text not null references operators (id),
    provider text not null,
    session_ref text not null,
    claim_types text not null,
    url text,
    status text not null check (status in ('started', 'verified', 'failed', 'completed')),
    created_at integer not null,
    expires_at integer not null,
    unique (provider, session_ref)
  ) strict`,
  "alter table invocations add column session_id text",
  "alter table invocations add column awaits_approval integer not null default 0",
  "alter table invocations add column isolation text",
  "create index invocations_passport on invocations (passport_id) where passport_id is not null",
  "create index invocations_session on invocations (session_id, id) where session_id is not null",
  "create index invocations_agent_open on invocations (agent_id) where agent_id is not null and completed_at is null",
  "drop index invocations_queue",
  "create index invocations_queue on invocations (created_at) where status = 'pending' and execution_mode <> 'open' and awaits_approval = 0",
  // What a receipt tells, bound to the audit row that carries its digest; the signature is made
  // when it is first asked for.
  `create table receipts (
    invocation_id text primary key references invocations (id),
    facts text not null,
    audit_seq integer not null,
    jws text
  ) strict`,
  "create index receipts_unsigned on receipts (audit_seq) where jws is null",
  // Rows older than a signed checkpoint may go; it carries the hash that the first row left
  // follows.
  `create table audit_checkpoints (
    operator_id text not null,
    seq integer not null,
    hash text not null,
    jws text not null,
    created_at integer not null,
    primary key (operator_id, seq)
  ) strict, without rowid`,
  "drop trigger audit_log_delete",
  `create trigger audit_log_delete before delete on audit_log
    when old.seq > coalesce((select max(seq) from audit_checkpoints where operator_id = old.operator_id), 0)
    begin select raise(abort, 'audit rows are deleted only behind a checkpoint'); end`,
  "create index audit_log_agent on audit_log (operator_id, (case when json_valid(body) then body ->> '$.agent_id' end), seq) where (case when json_valid(body) then body ->> '$.agent_id' end) is not null",
  "create index audit_log_passport on audit_log (operator_id, (case when json_valid(body) then body ->> '$.passport_jti' end), seq) where (case when json_valid(body) then body ->> '$.passport_jti' end) is not null",
];
