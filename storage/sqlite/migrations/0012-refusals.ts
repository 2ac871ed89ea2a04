import { type Kysely, sql } from "kysely";

const STATEMENTS = [
  // JSON object: a sentence for each code that a script may pass to `fail`.
  "alter table skill_versions add column refusals text not null default '{}'",
  // One of the codes that its version declares.
  "alter table invocations add column refusal_code text",
];

/** A script says why an input is none for it, in words that its version declares. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
