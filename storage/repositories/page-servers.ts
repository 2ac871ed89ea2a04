import { Repository } from "../repository.ts";

export class PageServerReader extends Repository {
  /** The one whose lease was renewed last; undefined when none is held. */
  async current(now: number): Promise<string | undefined> {
    const row = await this.db
      .selectFrom("page_servers")
      .select("url")
      .where("expires_at", ">", now)
      .orderBy("expires_at", "desc")
      .limit(1)
      .executeTakeFirst();
    return row?.url;
  }
}

export class PageServerWriter extends PageServerReader {
  async renew(id: string, url: string, expiresAt: number): Promise<void> {
    await this.db
      .insertInto("page_servers")
      .values({ id, url, expires_at: expiresAt })
      .onConflict((conflict) => conflict.column("id").doUpdateSet({ expires_at: expiresAt }))
      .execute();
  }

  async remove(id: string, lapsedBy: number): Promise<void> {
    await this.db
      .deleteFrom("page_servers")
      .where((eb) => eb.or([eb("id", "=", id), eb("expires_at", "<=", lapsedBy)]))
      .execute();
  }
}
