import type { Kysely, Selectable } from "kysely";
import type { Clock } from "../../src/shared/clock.ts";
import type { VerificationsTable } from "../schema/agents.ts";
import type { Schema } from "../schema/index.ts";

export type Verification = Omit<Selectable<VerificationsTable>, "claim_types"> & {
  readonly claim_types: readonly string[];
};

export class VerificationReader {
  protected readonly db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.db = db;
  }

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
  readonly #clock: Clock;

  constructor(db: Kysely<Schema>, clock: Clock) {
    super(db);
    this.#clock = clock;
  }

  async insert(verification: Omit<Verification, "created_at">): Promise<void> {
    const row = {
      ...verification,
      claim_types: JSON.stringify(verification.claim_types),
      created_at: this.#clock.now(),
    };
    await this.db.insertInto("verifications").values(row).execute();
  }

  async setStatus(id: string, status: Verification["status"]): Promise<void> {
    await this.db.updateTable("verifications").set({ status }).where("id", "=", id).execute();
  }
}
