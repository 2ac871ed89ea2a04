import { type Selectable, sql } from "kysely";
import type { Intent, ServiceGrant } from "../../src/domain/identity/passport.ts";
import type { Mandate } from "../../src/domain/money/mandate.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { Repository } from "../repository.ts";
import type { PassportsTable } from "../schema/passports.ts";

type PassportRow = Selectable<PassportsTable>;
export type Passport = Omit<PassportRow, "services" | "claim_ids" | "intent" | "mandate"> & {
  readonly services: readonly ServiceGrant[];
  readonly claim_ids: readonly string[];
  readonly intent: Intent | null;
  readonly mandate: Mandate | null;
};
export type NewPassport = Omit<
  Passport,
  | "spent_cents"
  | "max_total_cents"
  | "signed_until"
  | "checked_out_at"
  | "revoked_at"
  | "revoke_reason"
>;
/** The selection of an operator's passports. */
export interface PassportSelection {
  readonly operatorId: string;
  readonly agentId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly claimId?: string | undefined;
  readonly connectionId?: string | undefined;
}

export class PassportReader extends Repository {
  async find(jti: string): Promise<Passport | undefined> {
    const row = await this.db
      .selectFrom("passports")
      .selectAll()
      .where("jti", "=", jti)
      .executeTakeFirst();
    return row && toPassport(row);
  }

  /** Itself first, then its parent, up to the one that was issued. */
  async lineage(jti: string): Promise<Passport[]> {
    const found = [];
    for (let next: string | null = jti; next !== null; ) {
      const passport: Passport | undefined = await this.find(next);
      if (!passport) break;
      found.push(passport);
      next = passport.parent_jti;
    }
    return found;
  }

  /**
   * Neither revoked nor expired nor checked out, newest first; one more than `limit` when there is
   * more.
   */
  async listActive(
    selection: PassportSelection & { readonly beforeJti?: string | undefined },
    limit: number,
  ) {
    let query = this.#selected(selection)
      .selectAll()
      .where("revoked_at", "is", null)
      .where("checked_out_at", "is", null)
      .where("expires_at", ">", this.handle.clock.now());
    if (selection.beforeJti !== undefined) query = query.where("jti", "<", selection.beforeJti);
    const rows = await query
      .orderBy("jti", "desc")
      .limit(limit + 1)
      .execute();
    return rows.map(toPassport);
  }

  async countInSession(sessionId: string): Promise<number> {
    const { count } = await this.db
      .selectFrom("passports")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where("session_id", "=", sessionId)
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Counts the passports that an operator issued or had delegated since a point in time. */
  async countSince(operatorId: string, since: number): Promise<number> {
    const { count } = await this.db
      .selectFrom("passports")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where("operator_id", "=", operatorId)
      .where("expires_at", ">", since)
      .where("issued_at", ">=", since)
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Lists the passports that are not revoked yet and are good, or could be refreshed. */
  async listRevocable(selection: PassportSelection): Promise<string[]> {
    const rows = await this.#selected(selection)
      .select("jti")
      .where("revoked_at", "is", null)
      .where("expires_at", ">", this.handle.clock.now() - LIMITS.refreshWithinMs)
      .execute();
    return rows.map(({ jti }) => jti);
  }

  /** All below these, however deep. */
  async descendants(jtis: readonly string[]): Promise<string[]> {
    const { rows } = await sql<{ jti: string }>`
      with recursive below (jti) as (
        select jti from passports where parent_jti in (select value from json_each(${JSON.stringify(jtis)}))
        union select p.jti from passports p join below b on p.parent_jti = b.jti
      ) select jti from below`.execute(this.db);
    return rows.map(({ jti }) => jti);
  }

  /**
   * Revoked ones, and those of suspended operators, of which a token would still be of its time.
   */
  async listRevoked(): Promise<{ jti: string; signed_until: number }[]> {
    return this.db
      .selectFrom("passports")
      .select(["jti", "signed_until"])
      .where((eb) =>
        eb.or([
          eb("revoked_at", "is not", null),
          eb(
            "operator_id",
            "in",
            eb.selectFrom("operators").select("id").where("suspended_at", "is not", null),
          ),
        ]),
      )
      .where("signed_until", ">", this.handle.clock.now())
      .orderBy("jti")
      .execute();
  }

  #selected({ operatorId, agentId, sessionId, claimId, connectionId }: PassportSelection) {
    let query = this.db.selectFrom("passports").where("operator_id", "=", operatorId);
    if (agentId !== undefined) query = query.where("agent_id", "=", agentId);
    if (sessionId !== undefined) query = query.where("session_id", "=", sessionId);
    if (claimId !== undefined)
      query = query.where(
        sql<boolean>`exists (select 1 from json_each(claim_ids) where value = ${claimId})`,
      );
    if (connectionId !== undefined)
      query = query.where(
        sql<boolean>`exists (select 1 from json_each(services) where value ->> '$.connection_id' = ${connectionId})`,
      );
    return query;
  }
}

export class PassportWriter extends PassportReader {
  async insert(passport: NewPassport): Promise<void> {
    const { services, claim_ids, intent, mandate } = passport;
    await this.db
      .insertInto("passports")
      .values({
        ...passport,
        services: JSON.stringify(services),
        claim_ids: JSON.stringify(claim_ids),
        intent: intent && JSON.stringify(intent),
        mandate: mandate && JSON.stringify(mandate),
        max_total_cents: mandate?.max_total_cents ?? null,
        signed_until: passport.expires_at,
        spent_cents: 0,
        checked_out_at: null,
        revoked_at: null,
        revoke_reason: null,
      })
      .execute();
  }

  async extend(
    jti: string,
    times: { readonly expires_at: number; readonly ends_at?: number },
  ): Promise<void> {
    const until = times.expires_at;
    await this.db
      .updateTable("passports")
      .set((eb) => ({
        ...times,
        signed_until: eb.fn<number>("max", ["signed_until", eb.val(until)]),
      }))
      .where("jti", "=", jti)
      .execute();
  }

  /** Counts cents against a passport and everyone above it, or gives them back. */
  async countSpent(jtis: readonly string[], cents: number): Promise<void> {
    await this.db
      .updateTable("passports")
      .set((eb) => ({ spent_cents: eb("spent_cents", "+", cents) }))
      .where("jti", "in", jtis)
      .execute();
  }

  async revoke(jtis: readonly string[], reason: string | null): Promise<void> {
    await this.db
      .updateTable("passports")
      .set({ revoked_at: this.handle.clock.now(), revoke_reason: reason })
      .where(sql<boolean>`jti in (select value from json_each(${JSON.stringify(jtis)}))`)
      .where("revoked_at", "is", null)
      .execute();
  }

  async checkOut(jti: string): Promise<void> {
    await this.db
      .updateTable("passports")
      .set({ checked_out_at: this.handle.clock.now() })
      .where("jti", "=", jti)
      .execute();
  }
}

function toPassport(row: PassportRow): Passport {
  return {
    ...row,
    services: JSON.parse(row.services) as ServiceGrant[],
    claim_ids: JSON.parse(row.claim_ids) as string[],
    intent: row.intent === null ? null : (JSON.parse(row.intent) as Intent),
    mandate: row.mandate === null ? null : (JSON.parse(row.mandate) as Mandate),
  };
}
