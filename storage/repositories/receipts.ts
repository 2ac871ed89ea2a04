import type { Selectable } from "kysely";
import { Repository } from "../repository.ts";
import type { ReceiptsTable } from "../schema/receipts.ts";

export type StoredReceipt = Selectable<ReceiptsTable>;

export class ReceiptReader extends Repository {
  async find(invocationId: string): Promise<StoredReceipt | undefined> {
    const query = this.db
      .selectFrom("receipts")
      .selectAll()
      .where("invocation_id", "=", invocationId);
    return query.executeTakeFirst();
  }

  /** An operator's that have no signature yet, up to a row of its chain. */
  async listUnsigned(
    operatorId: string,
    throughSeq: number,
    limit: number,
  ): Promise<StoredReceipt[]> {
    return this.db
      .selectFrom("receipts")
      .innerJoin("invocations", "invocations.id", "receipts.invocation_id")
      .selectAll("receipts")
      .where("invocations.buyer_id", "=", operatorId)
      .where("receipts.jws", "is", null)
      .where("receipts.audit_seq", "<=", throughSeq)
      .limit(limit)
      .execute();
  }
}

export class ReceiptWriter extends ReceiptReader {
  async insert(receipt: Omit<StoredReceipt, "jws">): Promise<void> {
    await this.db
      .insertInto("receipts")
      .values({ ...receipt, jws: null })
      .execute();
  }

  /** The first signature stays. */
  async sign(invocationId: string, jws: string): Promise<void> {
    const change = this.db
      .updateTable("receipts")
      .set({ jws })
      .where("invocation_id", "=", invocationId);
    await change.where("jws", "is", null).execute();
  }
}
