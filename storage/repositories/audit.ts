import { type Kysely, sql } from "kysely";
import { type AuditEvent, type AuditRow, brokenLink, chainRow, GENESIS_HASH } from "../../src/domain/audit.ts";
import { type Clock, isoTime } from "../../src/shared/clock.ts";
import { newId } from "../../src/shared/ids.ts";
import type { Schema } from "../schema/index.ts";

const VERIFY_PAGE = 1_000;

export interface ChainReport {
  readonly operatorId: string;
  readonly rows: number;
  /** What is wrong with the first row that is wrong. */
  readonly problem: string | undefined;
}

interface Link {
  readonly seq: number;
  readonly hash: string;
}

export class AuditReader {
  protected readonly db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.db = db;
  }

  /** Walks every chain from its first row to its head; every operator has one. */
  async verifyAll(): Promise<ChainReport[]> {
    const { rows } = await sql<{ operator_id: string }>`
      select id as operator_id from operators union select operator_id from audit_heads
      union select operator_id from audit_log order by operator_id`.execute(this.db);
    const reports = [];
    for (const { operator_id } of rows) reports.push(await this.#verify(operator_id));
    return reports;
  }

  /** The head is read after the rows, and rows follow it while others write: it can be ahead and never behind. */
  async #verify(operatorId: string): Promise<ChainReport> {
    let last = { seq: 0, hash: GENESIS_HASH };
    for (;;) {
      const page = await this.#page(operatorId, last.seq);
      for (const row of page) {
        const problem = brokenLink(row, { seq: last.seq + 1, prevHash: last.hash });
        if (problem !== undefined) return { operatorId, rows: last.seq, problem };
        last = { seq: row.seq, hash: row.hash };
      }
      if (page.length > 0) continue;
      const head = await this.#head(operatorId);
      if (head && head.seq > last.seq && (await this.#page(operatorId, last.seq)).length > 0) continue;
      return { operatorId, rows: last.seq, problem: headProblem(head, last) ?? (await this.#strays(operatorId)) };
    }
  }

  async #head(operatorId: string): Promise<Link | undefined> {
    const query = this.db.selectFrom("audit_heads").select(["seq", "hash"]).where("operator_id", "=", operatorId);
    return query.executeTakeFirst();
  }

  async #strays(operatorId: string): Promise<string | undefined> {
    const query = this.db
      .selectFrom("audit_log")
      .select("seq")
      .where("operator_id", "=", operatorId)
      .where("seq", "<", 1);
    const stray = await query.executeTakeFirst();
    return stray && `row ${stray.seq} does not belong to the chain`;
  }

  async #page(operatorId: string, afterSeq: number): Promise<AuditRow[]> {
    const rows = await this.db
      .selectFrom("audit_log")
      .selectAll()
      .where("operator_id", "=", operatorId)
      .where("seq", ">", afterSeq)
      .orderBy("seq")
      .limit(VERIFY_PAGE)
      .execute();
    return rows.map((row) => ({ operatorId: row.operator_id, seq: row.seq, body: row.body, hash: row.hash }));
  }
}

function headProblem(head: Link | undefined, last: Link): string | undefined {
  if (!head) return last.seq === 0 ? "the chain is gone" : "the chain has rows but its head is gone";
  if (head.seq === last.seq && head.hash === last.hash) return undefined;
  return `the chain's head is row ${head.seq}, but its last row is ${last.seq}`;
}

export class AuditWriter extends AuditReader {
  readonly #clock: Clock;

  constructor(db: Kysely<Schema>, clock: Clock) {
    super(db);
    this.#clock = clock;
  }

  /** Adds a row to its operator's chain, in the transaction of what it tells. */
  async append(event: AuditEvent): Promise<void> {
    const head = await this.db
      .selectFrom("audit_heads")
      .select(["seq", "hash"])
      .where("operator_id", "=", event.operatorId)
      .executeTakeFirst();
    const row = chainRow(event, {
      entryId: newId("aud"),
      seq: (head?.seq ?? 0) + 1,
      timestamp: isoTime(this.#clock()),
      prevHash: head?.hash ?? GENESIS_HASH,
    });
    const { seq, hash } = row;
    await this.db.insertInto("audit_log").values({ operator_id: row.operatorId, seq, body: row.body, hash }).execute();
    await this.db
      .insertInto("audit_heads")
      .values({ operator_id: row.operatorId, seq, hash })
      .onConflict((conflict) => conflict.column("operator_id").doUpdateSet({ seq, hash }))
      .execute();
  }
}
