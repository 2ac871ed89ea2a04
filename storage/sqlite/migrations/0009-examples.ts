import { type Kysely, sql } from "kysely";

/**
 * A publisher of examples is known by its mark from now on; those that were made before, by their
 * names and what they offer.
 */
const STATEMENTS = [
  "alter table operators add column is_example integer not null default 0 check (is_example in (0, 1))",
  `update operators set is_example = 1 where (name, id) in (
    select 'text-works', publisher_id from skills where name = 'slugify'
    union select 'data-bench', publisher_id from skills where name = 'csv-to-json'
    union select 'night-desk', publisher_id from skills where name = 'translate-by-hand')`,
  "alter table skills add column example_input text",
  "alter table skills add column example_output text",
];

/** A skill shows what it takes and gives back. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
