import { type Selectable, sql } from "kysely";
import {
  type AuditEvent,
  type AuditRow,
  brokenLink,
  chainRow,
  GENESIS_HASH,
} from "../../src/domain/audit/audit.ts";
import { isoTime } from "../../src/shared/clock.ts";
import { newId } from "../../src/shared/ids.ts";
import { Repository, type RowHandle, type WriteHandle } from "../repository.ts";
import type { AuditCheckpointsTable } from "../schema/audit-checkpoints.ts";

const VERIFY_PAGE = 1_000;

export type StoredCheckpoint = Selectable<AuditCheckpointsTable>;

export interface ChainReport {
  readonly operatorId: string;
  readonly rows: number;
  /** The problem of the first row that is wrong. */
  readonly problem: string | undefined;
}

export interface Link {
  readonly seq: number;
  readonly hash: string;
}

const BEGINNING: Link = { seq: 0, hash: GENESIS_HASH };

export class AuditReader<H extends RowHandle = RowHandle> extends Repository<H> {
  /** An operator's rows, newest first; one more than `limit` when there is more. */
  async query(filter: {
    readonly operatorId: string;
    readonly agentId?: string | undefined;
    readonly passportJti?: string | undefined;
    /** Only rows of a later millisecond. */
    readonly since?: number | undefined;
    readonly beforeSeq?: number | undefined;
    readonly limit: number;
  }): Promise<AuditRow[]> {
    const { agentId, passportJti, since, beforeSeq } = filter;
    // Written as the indexes are: only then are they used.
    const { rows } = await sql<AuditRow>`
      select operator_id as "operatorId", seq, body, hash from audit_log
      where operator_id = ${filter.operatorId}
        ${agentId === undefined ? sql`` : sql`and (case when json_valid(body) then body ->> '$.agent_id' end) = ${agentId}`}
        ${passportJti === undefined ? sql`` : sql`and (case when json_valid(body) then body ->> '$.passport_jti' end) = ${passportJti}`}
        ${since === undefined ? sql`` : sql`and (case when json_valid(body) then body ->> '$.timestamp' end) > ${isoTime(since)}`}
        ${beforeSeq === undefined ? sql`` : sql`and seq < ${beforeSeq}`}
      order by seq desc limit ${filter.limit + 1}`.execute(this.db);
    return rows;
  }

  /** The rows after one of a chain, in order. */
  async rowsAfter(operatorId: string, seq: number, limit: number): Promise<AuditRow[]> {
    return this.#page(operatorId, seq, limit);
  }

  /** Returns the last link of a chain; undefined for a chain that has no rows. */
  async head(operatorId: string): Promise<Link | undefined> {
    return this.#head(operatorId);
  }

  async chains(): Promise<string[]> {
    const { rows } = await sql<{ operator_id: string }>`
      select id as operator_id from operators union select operator_id from audit_heads
      union select operator_id from audit_log order by operator_id`.execute(this.db);
    return rows.map(({ operator_id }) => operator_id);
  }

  /** The newest checkpoint behind which rows of a chain were dropped. */
  async checkpoint(operatorId: string): Promise<StoredCheckpoint | undefined> {
    const query = this.db
      .selectFrom("audit_checkpoints")
      .selectAll()
      .where("operator_id", "=", operatorId);
    return query.orderBy("seq", "desc").limit(1).executeTakeFirst();
  }

  /** The last row of a chain before the first that is not older than a point in time. */
  async lastBefore(operatorId: string, time: number): Promise<AuditRow | undefined> {
    const { rows } = await sql<{ seq: number }>`
      select seq from audit_log
      where operator_id = ${operatorId} and (not json_valid(body) or body ->> '$.timestamp' >= ${isoTime(time)})
      order by seq limit 1`.execute(this.db);
    const [young] = rows;
    const end = young?.seq ?? ((await this.#head(operatorId))?.seq ?? 0) + 1;
    return this.find(operatorId, end - 1);
  }

  /** Walks a chain from a row that is known, or from its beginning, to its head. */
  async verify(
    operatorId: string,
    start: Link = BEGINNING,
    { strays = true } = {},
  ): Promise<ChainReport> {
    let last = start;
    // The head is read after the rows, and rows follow it while others write: it can be ahead and
    // never behind.
    for (;;) {
      const page = await this.#page(operatorId, last.seq);
      for (const row of page) {
        const problem = brokenLink(row, { seq: last.seq + 1, prevHash: last.hash });
        if (problem !== undefined) return { operatorId, rows: last.seq, problem };
        last = { seq: row.seq, hash: row.hash };
      }
      if (page.length > 0) continue;
      const head = await this.#head(operatorId);
      if (head && head.seq > last.seq && (await this.#page(operatorId, last.seq)).length > 0)
        continue;
      return {
        operatorId,
        rows: last.seq,
        problem:
          headProblem(head, last) ?? (strays ? await this.#strays(operatorId, start) : undefined),
      };
    }
  }

  async find(operatorId: string, seq: number): Promise<AuditRow | undefined> {
    const [row] = await this.#page(operatorId, seq - 1, 1);
    return row?.seq === seq ? row : undefined;
  }

  async #head(operatorId: string): Promise<Link | undefined> {
    const query = this.db
      .selectFrom("audit_heads")
      .select(["seq", "hash"])
      .where("operator_id", "=", operatorId);
    return query.executeTakeFirst();
  }

  async #strays(operatorId: string, start: Link): Promise<string | undefined> {
    const query = this.db
      .selectFrom("audit_log")
      .select("seq")
      .where("operator_id", "=", operatorId)
      .where("seq", "<=", start.seq);
    const stray = await query.executeTakeFirst();
    return stray && `row ${stray.seq} does not belong to the chain`;
  }

  async #page(operatorId: string, afterSeq: number, limit = VERIFY_PAGE): Promise<AuditRow[]> {
    const rows = await this.db
      .selectFrom("audit_log")
      .selectAll()
      .where("operator_id", "=", operatorId)
      .where("seq", ">", afterSeq)
      .orderBy("seq")
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      operatorId: row.operator_id,
      seq: row.seq,
      body: row.body,
      hash: row.hash,
    }));
  }
}

function headProblem(head: Link | undefined, last: Link): string | undefined {
  if (!head)
    return last.seq === 0 ? "the chain is gone" : "the chain has rows but its head is gone";
  if (head.seq === last.seq && head.hash === last.hash) return undefined;
  return `the chain's head is row ${head.seq}, but its last row is ${last.seq}`;
}

export class AuditWriter extends AuditReader<WriteHandle> {
  /**
   * Appends a row to its operator's chain, in the transaction of the recorded act. Returns the
   * row's place in the chain.
   */
  async append(event: AuditEvent): Promise<number> {
    this.handle.gates.require(event.operatorId);
    const head = await this.db
      .selectFrom("audit_heads")
      .select(["seq", "hash"])
      .where("operator_id", "=", event.operatorId)
      .executeTakeFirst();
    const row = chainRow(event, {
      entryId: newId("aud"),
      seq: (head?.seq ?? 0) + 1,
      timestamp: isoTime(this.handle.clock.now()),
      prevHash: head?.hash ?? GENESIS_HASH,
    });
    const { seq, hash } = row;
    await this.db
      .insertInto("audit_log")
      .values({ operator_id: row.operatorId, seq, body: row.body, hash })
      .execute();
    await this.db
      .insertInto("audit_heads")
      .values({ operator_id: row.operatorId, seq, hash })
      .onConflict((conflict) => conflict.column("operator_id").doUpdateSet({ seq, hash }))
      .execute();
    return seq;
  }

  /**
   * Drops the rows of a chain up to a signed checkpoint, which carries the hash that the first row
   * left follows.
   */
  async dropThrough(checkpoint: Omit<StoredCheckpoint, "created_at">): Promise<void> {
    const { operator_id, seq } = checkpoint;
    this.handle.gates.require(operator_id);
    await this.db
      .insertInto("audit_checkpoints")
      .values({ ...checkpoint, created_at: this.handle.clock.now() })
      // Another process may have been quicker.
      .onConflict((conflict) => conflict.columns(["operator_id", "seq"]).doNothing())
      .execute();
    await this.db
      .deleteFrom("audit_log")
      .where("operator_id", "=", operator_id)
      .where("seq", "<=", seq)
      .execute();
  }
}
