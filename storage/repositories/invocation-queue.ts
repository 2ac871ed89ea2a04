import { type Selectable, sql } from "kysely";
import { type ReadHandle, Repository } from "../repository.ts";
import type { InvocationsTable } from "../schema/invocations.ts";

type Row = Selectable<InvocationsTable>;

const SWEEP_BATCH = 100;

// Literals, not parameters: a partial index is used only when the query names its very condition.
const PENDING = sql.lit("pending" as const);
const PROCESSING = sql.lit("processing" as const);
const NO = sql.lit(0);
const OPEN = sql.lit("open" as const);

/**
 * The table of invocations as the queue that it is: what waits, for whom, and what has waited too
 * long.
 */
export class InvocationQueue<H extends ReadHandle = ReadHandle> extends Repository<H> {
  /** A publisher's open work, oldest first; one more than `limit` when there is more. */
  async listPending(filter: {
    readonly publisherId: string;
    readonly skillId?: string | undefined;
    readonly now: number;
    readonly afterId?: string | undefined;
    readonly limit: number;
  }): Promise<Row[]> {
    let query = this.db
      .selectFrom("invocations")
      .selectAll()
      .where("status", "=", PENDING)
      .where("awaits_approval", "=", NO)
      .where("publisher_id", "=", filter.publisherId)
      .where("execution_mode", "=", "open")
      .where("expires_at", ">", filter.now)
      .orderBy("id")
      .limit(filter.limit + 1);
    if (filter.skillId !== undefined) query = query.where("skill_id", "=", filter.skillId);
    if (filter.afterId) query = query.where("id", ">", filter.afterId);
    return query.execute();
  }

  async countPending(buyerId?: string): Promise<number> {
    let query = this.db
      .selectFrom("invocations")
      .select((eb) => eb.fn.countAll<number>().as("count"));
    query = query.where("status", "=", PENDING).where("awaits_approval", "=", NO);
    if (buyerId) query = query.where("buyer_id", "=", buyerId);
    return (await query.executeTakeFirstOrThrow()).count;
  }

  /** Counts what waits for an operator's yes. */
  async countAwaiting(buyerId: string): Promise<number> {
    const { count } = await this.db
      .selectFrom("invocations")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where("status", "=", PENDING)
      .where("awaits_approval", "=", 1)
      .where("buyer_id", "=", buyerId)
      .executeTakeFirstOrThrow();
    return count;
  }

  /** The time at which the one that waits longest was asked for; undefined when none waits. */
  async oldestQueued(): Promise<number | undefined> {
    const row = await this.db
      .selectFrom("invocations")
      .select("created_at")
      .where("status", "=", PENDING)
      .where("execution_mode", "<>", OPEN)
      .where("awaits_approval", "=", NO)
      .orderBy("created_at")
      .limit(1)
      .executeTakeFirst();
    return row?.created_at;
  }

  /**
   * The oldest sealed work that waits for a process and needs no other providers than `canServe`
   * says yes to.
   */
  async findQueued(
    now: number,
    canServe: (providers: readonly string[]) => boolean,
  ): Promise<Pick<Row, "id" | "buyer_id"> | undefined> {
    const queue = this.db
      .selectFrom("invocations")
      .where("status", "=", PENDING)
      .where("execution_mode", "<>", OPEN)
      .where("awaits_approval", "=", NO)
      .where("expires_at", ">", now);
    const needs = await queue.select("providers").distinct().execute();
    const served = needs
      .map((row) => row.providers)
      .filter((text) => canServe(text.split(",").filter(Boolean)));
    if (served.length === 0) return undefined;
    const oldest = queue
      .select(["id", "buyer_id"])
      .where("providers", "in", served)
      .orderBy("created_at")
      .limit(1);
    return oldest.executeTakeFirst();
  }

  async listLapsed(now: number): Promise<Row[]> {
    return this.db
      .selectFrom("invocations")
      .selectAll()
      .where("status", "=", PROCESSING)
      .where("lease_expires_at", "<=", now)
      .limit(SWEEP_BATCH)
      .execute();
  }

  async listExpired(now: number): Promise<Row[]> {
    return this.db
      .selectFrom("invocations")
      .selectAll()
      .where("status", "=", PENDING)
      .where("expires_at", "<=", now)
      .limit(SWEEP_BATCH)
      .execute();
  }
}
