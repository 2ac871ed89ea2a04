import type { Kysely, Selectable } from "kysely";
import type { Clock } from "../../src/shared/clock.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import type { Schema } from "../schema/index.ts";
import type { RefundsTable, TopupsTable } from "../schema/wallet.ts";

export type Topup = Selectable<TopupsTable>;
export type Refund = Selectable<RefundsTable>;

export class TopupReader {
  protected readonly db: Kysely<Schema>;
  protected readonly clock: Clock;

  constructor(db: Kysely<Schema>, clock: Clock) {
    this.db = db;
    this.clock = clock;
  }

  async find(id: string): Promise<Topup | undefined> {
    return this.db.selectFrom("topups").selectAll().where("id", "=", id).executeTakeFirst();
  }

  async get(id: string): Promise<Topup> {
    return this.db.selectFrom("topups").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  }

  /** The oldest open session of an operator for this amount. */
  async findPending(operatorId: string, amountCents: number): Promise<Topup | undefined> {
    return this.db
      .selectFrom("topups")
      .selectAll()
      .where("operator_id", "=", operatorId)
      .where("status", "=", "pending")
      .where("amount_cents", "=", amountCents)
      .where("expires_at", ">", this.clock())
      .orderBy("id")
      .limit(1)
      .executeTakeFirst();
  }

  async countPending(operatorId: string): Promise<number> {
    const { count } = await this.db
      .selectFrom("topups")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where("operator_id", "=", operatorId)
      .where("status", "=", "pending")
      .where("expires_at", ">", this.clock())
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Paid within the time of refunds and not wholly given back, newest first. */
  async listRefundable(operatorId: string, topupId: string | undefined): Promise<Topup[]> {
    let query = this.db
      .selectFrom("topups")
      .selectAll()
      .where("operator_id", "=", operatorId)
      .where("status", "=", "paid")
      .where("paid_at", ">", this.clock() - LIMITS.refundWithinMs)
      .whereRef("refunded_cents", "<", "amount_cents");
    if (topupId !== undefined) query = query.where("id", "=", topupId);
    return query.orderBy("id", "desc").execute();
  }

  async refundsOf(requestId: string): Promise<(Refund & { readonly processor: string })[]> {
    return this.db
      .selectFrom("refunds")
      .innerJoin("topups", "topups.id", "refunds.topup_id")
      .selectAll("refunds")
      .select("topups.processor")
      .where("request_id", "=", requestId)
      .orderBy("refunds.id")
      .execute();
  }
}

export class TopupWriter extends TopupReader {
  async insert(topup: Pick<Topup, "id" | "operator_id" | "amount_cents" | "processor">): Promise<void> {
    const now = this.clock();
    await this.db
      .insertInto("topups")
      .values({
        ...topup,
        refunded_cents: 0,
        processor_event_id: null,
        processor_url: null,
        processor_ref: null,
        status: "pending",
        created_at: now,
        expires_at: now + LIMITS.topupSessionMs,
        paid_at: null,
      })
      .execute();
  }

  /** False when it was paid before: then nobody is credited twice. */
  async markPaid(id: string, eventId: string): Promise<boolean> {
    const row = await this.db
      .updateTable("topups")
      .set({ status: "paid", processor_event_id: eventId, paid_at: this.clock() })
      .where("id", "=", id)
      .where("status", "=", "pending")
      .returning("id")
      .executeTakeFirst();
    return row !== undefined;
  }

  async insertRefund(refund: Omit<Refund, "created_at">): Promise<void> {
    await this.db
      .insertInto("refunds")
      .values({ ...refund, created_at: this.clock() })
      .execute();
    await this.db
      .updateTable("topups")
      .set((eb) => ({ refunded_cents: eb("refunded_cents", "+", refund.amount_cents) }))
      .where("id", "=", refund.topup_id)
      .execute();
  }
}
