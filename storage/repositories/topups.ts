import type { Selectable } from "kysely";
import { LIMITS } from "../../src/shared/limits.ts";
import { Repository } from "../repository.ts";
import type { RefundsTable } from "../schema/refunds.ts";
import type { TopupsTable } from "../schema/topups.ts";

export type Topup = Selectable<TopupsTable>;
export type Refund = Selectable<RefundsTable>;
export type UnsentRefund = Refund & { readonly processor_ref: string | null };

export class TopupReader extends Repository {
  async find(id: string): Promise<Topup | undefined> {
    return this.db.selectFrom("topups").selectAll().where("id", "=", id).executeTakeFirst();
  }

  async get(id: string): Promise<Topup> {
    return this.db.selectFrom("topups").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  }

  /** The oldest open session of an operator for this amount. */
  async findPending(operatorId: string, amountCents: number): Promise<Topup | undefined> {
    const open = await this.listPending(operatorId);
    return open.find((topup) => topup.amount_cents === amountCents);
  }

  /** Open sessions of an operator, oldest first. */
  async listPending(operatorId: string): Promise<Topup[]> {
    return this.db
      .selectFrom("topups")
      .selectAll()
      .where("operator_id", "=", operatorId)
      .where("status", "=", "pending")
      .where("expires_at", ">", this.handle.clock.now())
      .orderBy("id")
      .execute();
  }

  /** Paid within the time of refunds and not wholly given back, newest first. */
  async listRefundable(operatorId: string, topupId: string | undefined): Promise<Topup[]> {
    let query = this.db
      .selectFrom("topups")
      .selectAll()
      .where("operator_id", "=", operatorId)
      .where("status", "=", "paid")
      .where("paid_at", ">", this.handle.clock.now() - LIMITS.refundWithinMs)
      .whereRef("refunded_cents", "<", "amount_cents");
    if (topupId !== undefined) query = query.where("id", "=", topupId);
    return query.orderBy("id", "desc").execute();
  }

  /** Refunds through a processor that it has not taken yet, oldest first. */
  async listUnsentRefunds(processor: string): Promise<UnsentRefund[]> {
    return this.db
      .selectFrom("refunds")
      .innerJoin("topups", "topups.id", "refunds.topup_id")
      .leftJoin("sent_refunds", "sent_refunds.refund_id", "refunds.id")
      .selectAll("refunds")
      .select("topups.processor_ref")
      .where("topups.processor", "=", processor)
      .where("sent_refunds.refund_id", "is", null)
      .orderBy("refunds.id")
      .limit(100)
      .execute();
  }

  async isRefundSent(id: string): Promise<boolean> {
    const row = await this.db
      .selectFrom("sent_refunds")
      .select("refund_id")
      .where("refund_id", "=", id)
      .executeTakeFirst();
    return row !== undefined;
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
  /** Open for an hour, unless it says until when. */
  async insert(
    topup: Pick<Topup, "id" | "operator_id" | "amount_cents" | "processor"> & {
      readonly expires_at?: number;
    },
  ): Promise<void> {
    const now = this.handle.clock.now();
    await this.db
      .insertInto("topups")
      .values({
        expires_at: now + LIMITS.topupSessionMs,
        ...topup,
        refunded_cents: 0,
        processor_event_id: null,
        processor_url: null,
        processor_ref: null,
        status: "pending",
        created_at: now,
        paid_at: null,
      })
      .execute();
  }

  /** False when it was paid before: then nobody is credited twice. */
  async markPaid(id: string, eventId: string, ref: string | null): Promise<boolean> {
    const row = await this.db
      .updateTable("topups")
      .set({
        status: "paid",
        processor_event_id: eventId,
        processor_ref: ref,
        paid_at: this.handle.clock.now(),
      })
      .where("id", "=", id)
      .where("status", "=", "pending")
      .returning("id")
      .executeTakeFirst();
    return row !== undefined;
  }

  /** From now on it takes no payment. */
  async close(id: string): Promise<void> {
    const now = this.handle.clock.now();
    await this.db
      .updateTable("topups")
      .set({ expires_at: now })
      .where("id", "=", id)
      .where("expires_at", ">", now)
      .execute();
  }

  async setPage(id: string, url: string): Promise<void> {
    await this.db.updateTable("topups").set({ processor_url: url }).where("id", "=", id).execute();
  }

  async markRefundSent(id: string): Promise<void> {
    const row = { refund_id: id, sent_at: this.handle.clock.now() };
    await this.db
      .insertInto("sent_refunds")
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async insertRefund(refund: Omit<Refund, "created_at">): Promise<void> {
    await this.db
      .insertInto("refunds")
      .values({ ...refund, created_at: this.handle.clock.now() })
      .execute();
    await this.db
      .updateTable("topups")
      .set((eb) => ({ refunded_cents: eb("refunded_cents", "+", refund.amount_cents) }))
      .where("id", "=", refund.topup_id)
      .execute();
  }
}
