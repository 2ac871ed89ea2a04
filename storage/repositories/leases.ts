import type { Kysely } from "kysely";
import type { Schema } from "../schema/index.ts";

export class LeaseWriter {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** False while another holds it. */
  async take(name: string, now: number, expiresAt: number): Promise<boolean> {
    const row = await this.#db
      .insertInto("leases")
      .values({ name, expires_at: expiresAt })
      .onConflict((conflict) =>
        conflict.column("name").doUpdateSet({ expires_at: expiresAt }).where("leases.expires_at", "<=", now),
      )
      .returning("name")
      .executeTakeFirst();
    return row !== undefined;
  }

  async release(name: string): Promise<void> {
    await this.#db.deleteFrom("leases").where("name", "=", name).execute();
  }
}
