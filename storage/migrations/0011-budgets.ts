import { type Kysely, sql } from "kysely";

const STATEMENTS = [
  // JSON of a Budget; null where the agent has none.
  "alter table agents add column budget text",
  // What was held or charged in an agent's name, by UTC day and by UTC month.
  `create table agent_spending (
    agent_id text not null references agents (id),
    period text not null,
    cents integer not null,
    alarmed_percent integer not null default 0,
    primary key (agent_id, period)
  ) strict, without rowid`,
];

/** Agents have budgets, which outlive their passports. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
