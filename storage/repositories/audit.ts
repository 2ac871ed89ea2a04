import type { Kysely } from "kysely";
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

export class AuditReader {
  protected readonly db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.db = db;
  }

  /** Walks every chain from its first row to its head. */
  async verifyAll(): Promise<ChainReport[]> {
    const heads = await this.db.selectFrom("audit_heads").selectAll().orderBy("operator_id").execute();
    const headless = await this.db
      .selectFrom("audit_log")
      .select("operator_id")
      .distinct()
      .where("operator_id", "not in", this.db.selectFrom("audit_heads").select("operator_id"))
      .execute();
    const reports = [];
    for (const head of heads) reports.push(await this.#verify(head));
    for (const { operator_id } of headless) {
      reports.push({ operatorId: operator_id, rows: 0, problem: "the chain has rows but its head is gone" });
    }
    return reports;
  }

  async #verify(head: { operator_id: string; seq: number; hash: string }): Promise<ChainReport> {
    let seq = 0;
    let prevHash = GENESIS_HASH;
    for (
      let page = await this.#page(head.operator_id, 0);
      page.length > 0;
      page = await this.#page(head.operator_id, seq)
    ) {
      for (const row of page) {
        const problem = brokenLink(row, { seq: seq + 1, prevHash });
        if (problem !== undefined) return { operatorId: head.operator_id, rows: seq, problem };
        seq = row.seq;
        prevHash = row.hash;
      }
    }
    const cut = head.seq !== seq || (seq > 0 && head.hash !== prevHash);
    const problem = cut ? `the chain's head is row ${head.seq}, but its last row is ${seq}` : undefined;
    return { operatorId: head.operator_id, rows: seq, problem };
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
