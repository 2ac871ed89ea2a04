import { type Kysely, sql } from "kysely";

/** Work that is open gives back what it took, and a budget that is set knows of its month. */
export const COUNT_WHAT_WAS = `insert into agent_spending (agent_id, period, cents)
  with recursive named (id, jti, agent_id, cents, at) as (
    select id, passport_id, agent_id,
      case when completed_at is null then price_cents + reserve_cents + service_reserve_cents
        when status = 'completed' then price_cents + compute_cents + service_cents + service_markup_cents else 0 end,
      created_at / 1000
    from invocations where agent_id is not null or passport_id is not null
    union
    select n.id, p.parent_jti, p.agent_id, n.cents, n.at from named n join passports p on p.jti = n.jti
  ),
  counted as (select distinct id, agent_id, cents, at from named where agent_id is not null and cents > 0),
  periods as (
    select agent_id, strftime('%Y-%m-%d', at, 'unixepoch') as period, cents from counted
    union all select agent_id, strftime('%Y-%m', at, 'unixepoch'), cents from counted
  )
  select agent_id, period, sum(cents) from periods group by agent_id, period`;

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
  COUNT_WHAT_WAS,
];

/** Agents have budgets, which outlive their passports. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
