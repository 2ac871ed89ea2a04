import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTestApp } from "../helpers/app.ts";
import { rawDatabase } from "../helpers/raw-database.ts";
import { root } from "../helpers/root.ts";

test("describes every table of the database once, in docs/storage.md", async () => {
  const { home } = await openTestApp();
  const db = rawDatabase(home);
  const tables = db
    .prepare(
      `select name from sqlite_master where type = 'table' and name not like 'sqlite_%'
         and name not like 'skills_fts%' and name not like 'kysely_%' order by name`,
    )
    .all() as { readonly name: string }[];
  const page = readFileSync(join(root, "docs/storage.md"), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(rows.toSorted()).toEqual(tables.map(({ name }) => name));
});

test("names for each table only repositories that there are", () => {
  const page = readFileSync(join(root, "docs/storage.md"), "utf8");
  const writers = [...page.matchAll(/^\| `\w+` \| [^|]* \| ([^|]*) \|/gm)].flatMap(
    ([, cell = ""]) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name),
  );
  expect(writers.length).toBeGreaterThan(40);
  for (const name of new Set(writers))
    expect(readFileSync(join(root, `storage/repositories/${name}.ts`), "utf8")).not.toBe("");
});
