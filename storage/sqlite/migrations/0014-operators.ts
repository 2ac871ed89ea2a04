import { type Kysely, sql } from "kysely";

const STATEMENTS = [
  "alter table operators add column suspended_at integer",
  "alter table operators add column deleted_at integer",
  // What a skill was before the host suspended its publisher.
  "alter table skills add column status_before text",
];

/** A host suspends operators and deletes them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
