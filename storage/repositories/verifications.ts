import type { Selectable } from "kysely";
import { Repository } from "../repository.ts";
import type { VerificationsTable } from "../schema/verifications.ts";

export type Verification = Omit<Selectable<VerificationsTable>, "claim_types"> & {
  readonly claim_types: readonly string[];
};

export class VerificationReader extends Repository {
  /** By the provider's name for it. */
  async findOwn(operatorId: string, sessionRef: string): Promise<Verification | undefined> {
    const row = await this.#rows(sessionRef)
      .where("operator_id", "=", operatorId)
      .executeTakeFirst();
    return row && { ...row, claim_types: JSON.parse(row.claim_types) as string[] };
  }

  async findByRef(provider: string, sessionRef: string): Promise<Verification | undefined> {
    const row = await this.#rows(sessionRef).where("provider", "=", provider).executeTakeFirst();
    return row && { ...row, claim_types: JSON.parse(row.claim_types) as string[] };
  }

  #rows(sessionRef: string) {
    return this.db.selectFrom("verifications").selectAll().where("session_ref", "=", sessionRef);
  }
}

export class VerificationWriter extends VerificationReader {
  async insert(verification: Omit<Verification, "created_at">): Promise<void> {
    const row = {
      ...verification,
      claim_types: JSON.stringify(verification.claim_types),
      created_at: this.handle.clock.now(),
    };
    await this.db.insertInto("verifications").values(row).execute();
  }

  async setStatus(id: string, status: Verification["status"]): Promise<void> {
    await this.db.updateTable("verifications").set({ status }).where("id", "=", id).execute();
  }
}
