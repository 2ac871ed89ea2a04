import { type Selectable, sql } from "kysely";
import { Repository } from "../repository.ts";
import type { CheckoutsTable } from "../schema/checkouts.ts";

export type Checkout = Omit<Selectable<CheckoutsTable>, "findings"> & {
  readonly findings: readonly string[];
};

/** The last reports of agents, and what people said of them. */
export class CheckoutReader extends Repository {
  async find(id: string): Promise<Checkout | undefined> {
    const row = await this.db
      .selectFrom("checkouts")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirst();
    return row && toCheckout(row);
  }

  /** Newest first; one more than `limit` when there is more. */
  async list(filter: {
    readonly operatorId: string;
    readonly status?: Checkout["status"] | undefined;
    readonly agentId?: string | undefined;
    readonly beforeId?: string | undefined;
    readonly limit: number;
  }): Promise<Checkout[]> {
    let query = this.db
      .selectFrom("checkouts")
      .selectAll()
      .where("operator_id", "=", filter.operatorId);
    if (filter.status !== undefined) query = query.where("status", "=", filter.status);
    if (filter.agentId !== undefined) query = query.where("agent_id", "=", filter.agentId);
    if (filter.beforeId !== undefined) query = query.where("id", "<", filter.beforeId);
    const rows = await query
      .orderBy("id", "desc")
      .limit(filter.limit + 1)
      .execute();
    return rows.map(toCheckout);
  }

  /** Checkouts whose summary is kept still. */
  async listSummarised(
    of: { readonly before: number; readonly operatorId?: string | undefined },
    limit: number,
  ): Promise<Pick<Checkout, "id" | "operator_id">[]> {
    let query = this.db
      .selectFrom("checkouts")
      .innerJoin("sealed_blobs", (join) =>
        join.on((eb) =>
          eb("sealed_blobs.owner", "=", sql<string>`'checkouts:' || checkouts.id || ':summary'`),
        ),
      )
      .select(["checkouts.id", "checkouts.operator_id"])
      .where("checkouts.created_at", "<=", of.before);
    if (of.operatorId !== undefined)
      query = query.where("checkouts.operator_id", "=", of.operatorId);
    return query.limit(limit).execute();
  }
}

export class CheckoutWriter extends CheckoutReader {
  async insert(checkout: Omit<Checkout, "created_at" | "reviewed_at">): Promise<void> {
    const row = { ...checkout, findings: JSON.stringify(checkout.findings) };
    await this.db
      .insertInto("checkouts")
      .values({ ...row, created_at: this.handle.clock.now(), reviewed_at: null })
      .execute();
  }

  /** False when somebody reviewed it before. */
  async review(id: string, status: Checkout["status"]): Promise<boolean> {
    const row = await this.db
      .updateTable("checkouts")
      .set({ status, reviewed_at: this.handle.clock.now() })
      .where("id", "=", id)
      .where("status", "=", "pending")
      .returning("id")
      .executeTakeFirst();
    return row !== undefined;
  }
}

function toCheckout(row: Selectable<CheckoutsTable>): Checkout {
  return { ...row, findings: JSON.parse(row.findings) as string[] };
}
