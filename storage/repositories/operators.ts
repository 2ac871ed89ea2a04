import type { Selectable } from "kysely";
import { skeletonOf } from "../../src/domain/market/confusable.ts";
import { Repository } from "../repository.ts";
import type { ApiKeysTable } from "../schema/api-keys.ts";
import type { ClaimsTable } from "../schema/claims.ts";
import type { OperatorsTable } from "../schema/operators.ts";

export type Operator = Selectable<OperatorsTable>;
type PeriodColumns = "period_anchor" | "period_start" | "period_end" | "next_plan";
export const NO_PERIOD = {
  period_anchor: null,
  period_start: null,
  period_end: null,
  next_plan: null,
} as const;
export type Claim = Selectable<ClaimsTable>;
export type ApiKey = Selectable<ApiKeysTable>;

export class OperatorReader extends Repository {
  async find(id: string): Promise<Operator | undefined> {
    return this.db.selectFrom("operators").selectAll().where("id", "=", id).executeTakeFirst();
  }

  async findByName(name: string): Promise<Operator | undefined> {
    return this.db.selectFrom("operators").selectAll().where("name", "=", name).executeTakeFirst();
  }

  /**
   * Finds an operator whose name looks like one of this skeleton; publishers of examples bar
   * nobody.
   */
  async findLike(skeleton: string): Promise<Operator | undefined> {
    const query = this.db.selectFrom("operators").selectAll().where("skeleton", "=", skeleton);
    return query.where("is_example", "=", 0).limit(1).executeTakeFirst();
  }

  async findLocal(): Promise<Operator | undefined> {
    return this.db.selectFrom("operators").selectAll().where("is_local", "=", 1).executeTakeFirst();
  }

  async list(): Promise<Operator[]> {
    return this.db.selectFrom("operators").selectAll().orderBy("id").execute();
  }

  /** Operators whose paid month has ended; a suspended one pays for none until it is resumed. */
  async listPeriodEnded(now: number): Promise<Operator[]> {
    return this.db
      .selectFrom("operators")
      .selectAll()
      .where("period_end", "<=", now)
      .where("suspended_at", "is", null)
      .limit(100)
      .execute();
  }

  async findKey(keyId: string): Promise<ApiKey | undefined> {
    return this.db.selectFrom("api_keys").selectAll().where("id", "=", keyId).executeTakeFirst();
  }

  /** Of one operator, or of all, oldest first; revoked ones too. */
  async listKeys(operatorId?: string): Promise<ApiKey[]> {
    let query = this.db.selectFrom("api_keys").selectAll();
    if (operatorId !== undefined) query = query.where("operator_id", "=", operatorId);
    return query.orderBy("id").execute();
  }

  /**
   * Claims that are not revoked; one holds until `expires_at`, in epoch milliseconds, or for good.
   */
  async listClaims(operatorId: string): Promise<Claim[]> {
    return this.db
      .selectFrom("claims")
      .selectAll()
      .where("operator_id", "=", operatorId)
      .where("revoked_at", "is", null)
      .orderBy("id")
      .execute();
  }
}

export class OperatorWriter extends OperatorReader {
  /** With a plan that the host gives and that has no end. */
  async insert(
    operator: Omit<
      Operator,
      | "created_at"
      | "base_plan"
      | "is_example"
      | "skeleton"
      | "suspended_at"
      | "deleted_at"
      | PeriodColumns
    > & {
      readonly is_example?: 1;
    },
  ): Promise<void> {
    await this.db
      .insertInto("operators")
      .values({
        is_example: 0,
        ...operator,
        skeleton: skeletonOf(operator.name),
        base_plan: operator.plan,
        ...NO_PERIOD,
        suspended_at: null,
        deleted_at: null,
        created_at: this.handle.clock.now(),
      })
      .execute();
  }

  async setPlan(
    id: string,
    change: Partial<Pick<Operator, "plan" | "base_plan" | PeriodColumns>>,
  ): Promise<void> {
    await this.db.updateTable("operators").set(change).where("id", "=", id).execute();
  }

  async insertKey(key: Omit<ApiKey, "created_at" | "revoked_at">): Promise<void> {
    await this.db
      .insertInto("api_keys")
      .values({ ...key, created_at: this.handle.clock.now(), revoked_at: null })
      .execute();
  }

  /** False when it was revoked before. */
  async revokeKey(id: string): Promise<boolean> {
    const row = await this.db
      .updateTable("api_keys")
      .set({ revoked_at: this.handle.clock.now() })
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    return row !== undefined;
  }

  async insertClaim(claim: Omit<Claim, "created_at" | "revoked_at">): Promise<void> {
    await this.db
      .insertInto("claims")
      .values({ ...claim, created_at: this.handle.clock.now(), revoked_at: null })
      .execute();
  }

  /** Of one verification. */
  async claimsOf(verificationId: string): Promise<Claim[]> {
    const query = this.db
      .selectFrom("claims")
      .selectAll()
      .where("verification_id", "=", verificationId);
    return query.where("revoked_at", "is", null).execute();
  }

  /** False when it was revoked before, or is not the operator's. */
  async revokeClaim(operatorId: string, id: string): Promise<boolean> {
    const row = await this.db
      .updateTable("claims")
      .set({ revoked_at: this.handle.clock.now() })
      .where("id", "=", id)
      .where("operator_id", "=", operatorId)
      .where("revoked_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    return row !== undefined;
  }
}
