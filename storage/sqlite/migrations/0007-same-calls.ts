import { type Kysely, sql } from "kysely";

const STATEMENTS = [
  "alter table skill_versions add column volatile integer not null default 0 check (volatile in (0, 1))",
  "alter table invocations add column call_digest text",
  "alter table invocations add column calls integer not null default 1",
  "create unique index invocations_call_open on invocations (call_digest) where call_digest is not null and completed_at is null",
  "create index invocations_call_over on invocations (call_digest, completed_at) where call_digest is not null and completed_at is not null",
];

/** A call that says the same as another finds what the other began. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
