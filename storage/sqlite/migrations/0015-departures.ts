import { type Kysely, sql } from "kysely";

const STATEMENTS = [
  "drop trigger skill_versions_update",
  // What an operator wrote goes with it; the digest stays, for receipts.
  `create trigger skill_versions_update before update on skill_versions
    when (select operators.deleted_at from skills join operators on operators.id = skills.publisher_id
      where skills.id = old.skill_id) is null
    begin select raise(abort, 'skill versions are immutable'); end`,
];

/** The texts of a deleted operator's versions are erased. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
