import type { Selectable } from "kysely";
import { Repository } from "../repository.ts";
import type { PayoutAccountsTable } from "../schema/payout-accounts.ts";
import type { PayoutsTable } from "../schema/payouts.ts";

export type Payout = Selectable<PayoutsTable>;
export type PayoutAccount = Selectable<PayoutAccountsTable>;

export class PayoutReader extends Repository {
  async exists(publisherId: string, period: string): Promise<boolean> {
    const row = await this.db
      .selectFrom("payouts")
      .select("id")
      .where("publisher_id", "=", publisherId)
      .where("period", "=", period)
      .executeTakeFirst();
    return row !== undefined;
  }

  async findAccount(operatorId: string, processor: string): Promise<PayoutAccount | undefined> {
    return this.db
      .selectFrom("payout_accounts")
      .selectAll()
      .where("operator_id", "=", operatorId)
      .where("processor", "=", processor)
      .executeTakeFirst();
  }

  /** Those that a processor has not taken, oldest first. */
  async listInTransit(processor: string): Promise<Payout[]> {
    return this.db
      .selectFrom("payouts")
      .selectAll()
      .where("status", "=", "in_transit")
      .where("processor", "=", processor)
      .orderBy("id")
      .execute();
  }

  /** Newest first; one more than `limit` when there is more. */
  async list(publisherId: string, limit: number, beforeId: string | undefined): Promise<Payout[]> {
    let query = this.db.selectFrom("payouts").selectAll().where("publisher_id", "=", publisherId);
    if (beforeId) query = query.where("id", "<", beforeId);
    return query
      .orderBy("id", "desc")
      .limit(limit + 1)
      .execute();
  }

  async sums(
    publisherId: string,
  ): Promise<{ readonly paidCents: number; readonly inTransitCents: number }> {
    const rows = await this.db
      .selectFrom("payouts")
      .select((eb) => ["status", eb.fn.sum<number>("amount_cents").as("cents")])
      .where("publisher_id", "=", publisherId)
      .groupBy("status")
      .execute();
    const of = (status: Payout["status"]) => rows.find((row) => row.status === status)?.cents ?? 0;
    return { paidCents: of("paid"), inTransitCents: of("in_transit") };
  }
}

export class PayoutWriter extends PayoutReader {
  async insert(
    payout: Omit<Payout, "status" | "created_at" | "paid_at" | "processor_ref">,
  ): Promise<void> {
    await this.db
      .insertInto("payouts")
      .values({
        ...payout,
        status: "in_transit",
        processor_ref: null,
        created_at: this.handle.clock.now(),
        paid_at: null,
      })
      .execute();
  }

  /** False when it had arrived before. */
  async markPaid(id: string, ref: string | null): Promise<boolean> {
    const row = await this.db
      .updateTable("payouts")
      .set({ status: "paid", processor_ref: ref, paid_at: this.handle.clock.now() })
      .where("id", "=", id)
      .where("status", "=", "in_transit")
      .returning("id")
      .executeTakeFirst();
    return row !== undefined;
  }

  async insertAccount(
    account: Pick<PayoutAccount, "operator_id" | "processor" | "account_ref">,
  ): Promise<void> {
    await this.db
      .insertInto("payout_accounts")
      .values({ ...account, ready: 0, created_at: this.handle.clock.now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async setReady(processor: string, accountRef: string, ready: boolean): Promise<void> {
    await this.db
      .updateTable("payout_accounts")
      .set({ ready: ready ? 1 : 0 })
      .where("processor", "=", processor)
      .where("account_ref", "=", accountRef)
      .execute();
  }
}
