import { type Kysely, sql } from "kysely";
import { searchText } from "../../../src/domain/market/search-text.ts";

const COLUMNS = ["found_name", "found_description", "found_tags", "input_fields", "output_fields"];
const NEW = COLUMNS.map((column) => `new.${column}`).join(", ");
const OLD = COLUMNS.map((column) => `old.${column}`).join(", ");
const LIST = COLUMNS.join(", ");
const TEXTS = ["name", "description", "tags"] as const;

const BEFORE = [
  "drop trigger skills_fts_insert",
  "drop trigger skills_fts_update",
  "drop table skills_fts",
  ...TEXTS.map((name) => `alter table skills add column found_${name} text not null default ''`),
];

/** Marks belong to their letters: some scripts write vowels with them. */
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

interface Row {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: string;
}

/** Skills are found by their texts in one form of each letter. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of BEFORE) await sql.raw(statement).execute(db);
  const { rows } = await sql<Row>`select id, name, description, tags from skills`.execute(db);
  for (const { id, name, description, tags } of rows) {
    await sql`update skills set found_name = ${searchText(name)}, found_description = ${searchText(description)},
      found_tags = ${searchText(tags)} where id = ${id}`.execute(db);
  }
  for (const statement of AFTER) await sql.raw(statement).execute(db);
}
