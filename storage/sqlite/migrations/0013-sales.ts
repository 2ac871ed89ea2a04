import { type Kysely, sql } from "kysely";

/** A publisher looks at what was run of its skills, newest first. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw("create index invocations_sold on invocations (publisher_id, id desc)").execute(db);
}
