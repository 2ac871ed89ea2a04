import { Repository } from "../repository.ts";

export class LeaseWriter extends Repository {
  /** False while another owner holds it. */
  async take(name: string, owner: string, now: number, expiresAt: number): Promise<boolean> {
    const held = { owner, expires_at: expiresAt };
    const row = await this.db
      .insertInto("leases")
      .values({ name, ...held })
      .onConflict((conflict) =>
        conflict.column("name").doUpdateSet(held).where("leases.expires_at", "<=", now),
      )
      .returning("name")
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Releases a lease; does nothing when it lapsed and another owner holds it. */
  async release(name: string, owner: string): Promise<void> {
    await this.db
      .deleteFrom("leases")
      .where("name", "=", name)
      .where("owner", "=", owner)
      .execute();
  }
}
