import { type Selectable, sql } from "kysely";
import type { OverRun } from "../../src/domain/market/recent-runs.ts";
import type { FailureReason, InvocationStatus } from "../../src/domain/runs/invocation.ts";
import type { ReadHandle, WriteHandle } from "../repository.ts";
import type { InvocationsTable } from "../schema/invocations.ts";
import { InvocationQueue } from "./invocation-queue.ts";

export type Invocation = Selectable<InvocationsTable>;
/** The part of an invocation that those who wait for it hear of. */
export type InvocationState = Pick<Invocation, "id" | "status" | "progress">;

/** The condition of a change. A row that no longer fits is left alone: somebody else owns it. */
export interface Guard {
  readonly status: InvocationStatus;
  readonly leaseOwner?: string;
  /** Only when the lease has ended by this time. */
  readonly leaseLapsedBy?: number;
}

const STATES_AT_ONCE = 500;

// Literals, not parameters: a partial index is used only when the query names its very condition.
const PENDING = sql.lit("pending" as const);
const COMPLETED = sql.lit("completed" as const);
const PROCESSING = sql.lit("processing" as const);

export interface ErasableFilter {
  readonly before: number;
  /** Of a buyer or a publisher. */
  readonly operatorId?: string | undefined;
  /** Only what that operator bought. */
  readonly boughtOnly?: boolean | undefined;
  readonly id?: string | undefined;
}

export class InvocationReader<H extends ReadHandle = ReadHandle> extends InvocationQueue<H> {
  async find(id: string): Promise<Invocation | undefined> {
    return this.db.selectFrom("invocations").selectAll().where("id", "=", id).executeTakeFirst();
  }

  async findLastCompleted(buyerId: string, skillId: string): Promise<Invocation | undefined> {
    return this.db
      .selectFrom("invocations")
      .selectAll()
      .where("status", "=", COMPLETED)
      .where("buyer_id", "=", buyerId)
      .where("skill_id", "=", skillId)
      .orderBy("id", "desc")
      .limit(1)
      .executeTakeFirst();
  }

  /** Lists those of the ids that a process still works on under its lease. */
  async heldBy(leaseOwner: string, ids: readonly string[]): Promise<string[]> {
    const rows = await this.db
      .selectFrom("invocations")
      .select("id")
      .where("id", "in", ids)
      .where("lease_owner", "=", leaseOwner)
      .execute();
    return rows.map((row) => row.id);
  }

  /** Lists the invocations under these passports that are not over. */
  async listOpenUnder(jtis: readonly string[]): Promise<Invocation[]> {
    return this.db
      .selectFrom("invocations")
      .selectAll()
      .where("passport_id", "is not", null)
      .where(sql<boolean>`passport_id in (select value from json_each(${JSON.stringify(jtis)}))`)
      .where("status", "in", [PENDING, PROCESSING])
      .execute();
  }

  /** Lists the invocations of an agent that are not over. */
  async listOpenOf(agentId: string): Promise<Invocation[]> {
    return this.db
      .selectFrom("invocations")
      .selectAll()
      .where("agent_id", "=", agentId)
      .where("completed_at", "is", null)
      .execute();
  }

  /**
   * The work that a call with this digest began: what is not over yet, else what completed last and
   * after `since`.
   */
  async findSame(callDigest: string, since: number): Promise<Invocation | undefined> {
    const same = this.db
      .selectFrom("invocations")
      .selectAll()
      .where("call_digest", "=", callDigest);
    const open = await same.where("completed_at", "is", null).executeTakeFirst();
    if (open) return open;
    return same
      .where("completed_at", ">", since)
      .where("status", "=", "completed")
      .where("erased_at", "is", null)
      .orderBy("completed_at", "desc")
      .limit(1)
      .executeTakeFirst();
  }

  /**
   * Lists an operator's purchases, or its sales, newest first; one more than `limit` when there are
   * further ones.
   */
  async listOf(
    side: "buyer_id" | "publisher_id",
    filter: {
      readonly operatorId: string;
      readonly status?: InvocationStatus | undefined;
      readonly skillId?: string | undefined;
      readonly agentId?: string | undefined;
      readonly sessionId?: string | undefined;
      readonly beforeId?: string | undefined;
      readonly limit: number;
    },
  ): Promise<Invocation[]> {
    let query = this.db.selectFrom("invocations").selectAll().where(side, "=", filter.operatorId);
    if (filter.agentId !== undefined) query = query.where("agent_id", "=", filter.agentId);
    if (filter.sessionId !== undefined) query = query.where("session_id", "=", filter.sessionId);
    if (filter.status) query = query.where("status", "=", filter.status);
    if (filter.skillId !== undefined) query = query.where("skill_id", "=", filter.skillId);
    if (filter.beforeId) query = query.where("id", "<", filter.beforeId);
    return query
      .orderBy("id", "desc")
      .limit(filter.limit + 1)
      .execute();
  }

  /** The last runs of a skill that others bought, newest first. */
  async lastRuns(skillId: string, limit: number): Promise<OverRun[]> {
    const { rows } = await sql<OverRun>`
      select status, buyer_id, started_at, completed_at from invocations
      where skill_id = ${skillId} and started_at is not null and completed_at is not null and buyer_id <> publisher_id
      order by completed_at desc limit ${limit}`.execute(this.db);
    return rows;
  }

  /**
   * Lists the invocations that are over since before `before` and still have their input: of one
   * buyer or seller, or one alone.
   */
  async listErasable(
    of: ErasableFilter,
    limit: number,
  ): Promise<Pick<Invocation, "id" | "buyer_id">[]> {
    let query = this.db
      .selectFrom("invocations")
      .select(["id", "buyer_id"])
      .where("erased_at", "is", null)
      .where("completed_at", "is not", null)
      .where("completed_at", "<=", of.before);
    const { operatorId, boughtOnly, id } = of;
    if (id !== undefined) query = query.where("id", "=", id);
    if (operatorId !== undefined) {
      query = query.where((eb) =>
        eb.or([
          eb("buyer_id", "=", operatorId),
          ...(boughtOnly ? [] : [eb("publisher_id", "=", operatorId)]),
        ]),
      );
    }
    return query.limit(limit).execute();
  }

  async states(ids: readonly string[]): Promise<InvocationState[]> {
    const found = [];
    for (let from = 0; from < ids.length; from += STATES_AT_ONCE) {
      const some = ids.slice(from, from + STATES_AT_ONCE);
      found.push(
        ...(await this.db
          .selectFrom("invocations")
          .select(["id", "status", "progress"])
          .where("id", "in", some)
          .execute()),
      );
    }
    return found;
  }

  /** All of them, by state and verdict. */
  async countByEnd(): Promise<
    { status: InvocationStatus; verdict: FailureReason | null; count: number }[]
  > {
    return this.db
      .selectFrom("invocations")
      .select((eb) => ["status", "verdict", eb.fn.countAll<number>().as("count")])
      .groupBy(["status", "verdict"])
      .execute();
  }
}

export class InvocationWriter extends InvocationReader<WriteHandle> {
  /** Its input, output and what was said of it are gone. False when they were before. */
  async markErased(id: string, now: number): Promise<boolean> {
    const marked = await this.db
      .updateTable("invocations")
      .set({ erased_at: now })
      .where("id", "=", id)
      .where("erased_at", "is", null)
      .returning("buyer_id")
      .executeTakeFirst();
    if (marked) this.handle.gates.require(marked.buyer_id);
    return marked !== undefined;
  }

  async insert(invocation: Invocation): Promise<void> {
    this.handle.gates.require(invocation.buyer_id);
    await this.db.insertInto("invocations").values(invocation).execute();
  }

  /**
   * Changes the row only while the guard holds; the changed row, or undefined. Its buyer is one of
   * the gates.
   */
  async update(
    id: string,
    guard: Guard,
    change: Partial<Omit<Invocation, "id">>,
  ): Promise<Invocation | undefined> {
    let query = this.db
      .updateTable("invocations")
      .set(change)
      .where("id", "=", id)
      .where("status", "=", guard.status);
    if (guard.leaseOwner !== undefined) query = query.where("lease_owner", "=", guard.leaseOwner);
    if (guard.leaseLapsedBy !== undefined)
      query = query.where("lease_expires_at", "<=", guard.leaseLapsedBy);
    const changed = await query.returningAll().executeTakeFirst();
    if (changed) this.handle.gates.require(changed.buyer_id);
    return changed;
  }

  /** Only while they are still this process's. */
  async renewLeases(
    ids: readonly string[],
    leaseOwner: string,
    leaseExpiresAt: number,
  ): Promise<void> {
    await this.db
      .updateTable("invocations")
      .set({ lease_expires_at: leaseExpiresAt })
      .where("id", "in", ids)
      .where("status", "=", PROCESSING)
      .where("lease_owner", "=", leaseOwner)
      .execute();
  }
}
