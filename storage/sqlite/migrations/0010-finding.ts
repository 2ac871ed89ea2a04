import { type Kysely, sql } from "kysely";
import { skeletonOf } from "../../../src/domain/market/confusable.ts";
import { searchText } from "../../../src/domain/market/search-text.ts";

const COLUMNS = [
  "found_name",
  "found_description",
  "found_tags",
  "input_fields",
  "output_fields",
  "found_publisher",
];
const NEW = COLUMNS.map((column) => `new.${column}`).join(", ");
const OLD = COLUMNS.map((column) => `old.${column}`).join(", ");
const LIST = COLUMNS.join(", ");

const BEFORE = [
  "drop trigger skills_fts_insert",
  "drop trigger skills_fts_update",
  "drop table skills_fts",
  "alter table skills add column found_publisher text not null default ''",
  "alter table skills add column skeleton text not null default ''",
  "alter table operators add column skeleton text not null default ''",
  "create index skills_skeleton on skills (skeleton)",
  "create index skills_name on skills (name)",
  "create index operators_skeleton on operators (skeleton)",
  // What a listing tells of the last runs is read from here alone.
  `create index invocations_of_skill on invocations (skill_id, completed_at desc, status, buyer_id, publisher_id, started_at)
    where started_at is not null and completed_at is not null`,
];

const AFTER = [
  `create virtual table skills_fts using fts5(
    ${LIST}, content='skills', content_rowid='seq',
    tokenize="porter unicode61 remove_diacritics 2 categories 'L* M* N* Co'")`,
  "insert into skills_fts (skills_fts) values ('rebuild')",
  `create trigger skills_fts_insert after insert on skills begin
    insert into skills_fts (rowid, ${LIST}) values (new.seq, ${NEW});
  end`,
  `create trigger skills_fts_update after update of ${LIST} on skills begin
    insert into skills_fts (skills_fts, rowid, ${LIST}) values ('delete', old.seq, ${OLD});
    insert into skills_fts (rowid, ${LIST}) values (new.seq, ${NEW});
  end`,
];

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Skills are found by their publisher too, and names that look alike are known by one skeleton. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of BEFORE) await sql.raw(statement).execute(db);
  const operators = await sql<Named>`select id, name from operators`.execute(db);
  for (const { id, name } of operators.rows) {
    await sql`update operators set skeleton = ${skeletonOf(name)} where id = ${id}`.execute(db);
    await sql`update skills set found_publisher = ${searchText(name)} where publisher_id = ${id}`.execute(
      db,
    );
  }
  const skills = await sql<Named>`select id, name from skills`.execute(db);
  for (const { id, name } of skills.rows) {
    await sql`update skills set skeleton = ${skeletonOf(name)} where id = ${id}`.execute(db);
  }
  for (const statement of AFTER) await sql.raw(statement).execute(db);
}
