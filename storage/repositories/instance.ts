import type { Kysely, Selectable } from "kysely";
import type { Schema } from "../schema/index.ts";
import type { InstanceTable } from "../schema/instance.ts";

export type Instance = Selectable<InstanceTable>;

export async function findInstance(db: Kysely<Schema>): Promise<Instance | undefined> {
  return db.selectFrom("instance").selectAll().executeTakeFirst();
}

export async function insertInstance(db: Kysely<Schema>, instance: Instance): Promise<void> {
  await db.insertInto("instance").values(instance).execute();
}
