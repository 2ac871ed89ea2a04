import type { RevocationType } from "../../src/domain/identity/passport.ts";
import { Repository } from "../repository.ts";

export interface Revocation {
  readonly seq: number;
  readonly operator_id: string;
  readonly type: RevocationType;
  readonly target: string;
  readonly jtis: readonly string[];
  readonly reason: string | null;
  readonly created_at: number;
}

/** Revocations for verifiers elsewhere. */
export class RevocationReader extends Repository {
  /** An operator's revocations after one of them, oldest first. */
  async listAfter(operatorId: string, seq: number, limit: number): Promise<Revocation[]> {
    const rows = await this.db
      .selectFrom("revocations")
      .selectAll()
      .where("operator_id", "=", operatorId)
      .where("seq", ">", seq)
      .orderBy("seq")
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      ...row,
      type: row.type as RevocationType,
      jtis: JSON.parse(row.jtis) as string[],
    }));
  }

  async lastSeq(): Promise<number> {
    const { seq } = await this.db
      .selectFrom("revocations")
      .select((eb) => eb.fn.max("seq").as("seq"))
      .executeTakeFirstOrThrow();
    return (seq as number | null) ?? 0;
  }
}

export class RevocationWriter extends RevocationReader {
  async insert(revocation: Omit<Revocation, "seq" | "created_at">): Promise<void> {
    const row = {
      ...revocation,
      jtis: JSON.stringify(revocation.jtis),
      created_at: this.handle.clock.now(),
    };
    await this.db.insertInto("revocations").values(row).execute();
  }
}
