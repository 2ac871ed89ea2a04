import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MIGRATIONS } from "../../storage/sqlite/migrations/index.ts";
import { root } from "../helpers/root.ts";

test("lists every migration that has a file, in the order of its number", () => {
  const files = readdirSync(join(root, "storage/sqlite/migrations"))
    .filter((file) => /^\d{4}-/.test(file))
    .map((file) => file.replace(/\.ts$/, ""));
  expect(Object.keys(MIGRATIONS)).toEqual(files.toSorted());
  expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, at) => at + 1));
});
