import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table connections (
    id text primary key,
    operator_id text not null references operators (id),
    provider text not null,
    display_name text,
    hosts text not null,
    auth text not null,
    verify_url text,
    status text not null check (status in ('unverified', 'verified', 'rejected')),
    verified_at integer,
    created_at integer not null,
    updated_at integer not null,
    unique (operator_id, provider)
  ) strict`,
  // What calls with the publisher's credentials may cost at the most and did cost, 15 % apart.
  "alter table invocations add column service_reserve_cents integer not null default 0",
  "alter table invocations add column service_cents integer not null default 0",
  "alter table invocations add column service_markup_cents integer not null default 0",
  "alter table invocations add column usage text",
  "alter table invocations add column failed_limit text",
];
