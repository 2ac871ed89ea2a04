import { type Kysely, sql } from "kysely";

/** Whoever took a lease is the only one that gives it back. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table leases add column owner text not null default ''`.execute(db);
}
