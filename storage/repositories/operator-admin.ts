import { sql } from "kysely";
import { skeletonOf } from "../../src/domain/market/confusable.ts";
import { searchText } from "../../src/domain/market/search-text.ts";
import { Repository } from "../repository.ts";
import { ownedRows, type Row } from "./operator-rows.ts";

/** Counts of what an operator has, and what it last did. */
export interface Holdings {
  readonly keys: number;
  readonly agents: number;
  readonly passports: number;
  readonly skills: number;
  readonly connections: number;
  readonly bought: number;
  readonly sold: number;
  /** Bought or sold, and not over. */
  readonly open: number;
  /** Of its last row in the audit log, ISO 8601. */
  readonly last_action_at: string | null;
}

/** Looks at all of one operator, for its host. */
export class OperatorAdminReader extends Repository {
  async holdings(id: string, now: number): Promise<Holdings> {
    const { rows } = await sql<Holdings>`select
      (select count(*) from api_keys where operator_id = ${id} and revoked_at is null
        and (expires_at is null or expires_at > ${now})) as keys,
      (select count(*) from agents where operator_id = ${id} and deleted_at is null) as agents,
      (select count(*) from passports where operator_id = ${id} and revoked_at is null and checked_out_at is null
        and expires_at > ${now}) as passports,
      (select count(*) from skills where publisher_id = ${id} and status <> 'suspended') as skills,
      (select count(*) from connections where operator_id = ${id}) as connections,
      (select count(*) from invocations where buyer_id = ${id}) as bought,
      (select count(*) from invocations where publisher_id = ${id}) as sold,
      (select count(*) from invocations where (buyer_id = ${id} or publisher_id = ${id})
        and completed_at is null) as open,
      (select json_extract(body, '$.timestamp') from audit_log where operator_id = ${id}
        order by seq desc limit 1) as last_action_at`.execute(this.db);
    return rows[0] as Holdings;
  }

  /** Rows of its own of a part of its export; at most `limit`, from the `offset`th on. */
  async rows(
    section: string,
    id: string,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<Row[]> {
    return ownedRows(this.db, section, id, page);
  }
}

/** Changes of one operator by its host. */
export class OperatorAdminWriter extends OperatorAdminReader {
  async suspend(id: string, at: number): Promise<void> {
    await this.db.updateTable("operators").set({ suspended_at: at }).where("id", "=", id).execute();
    await sql`update skills set status_before = status, status = 'suspended'
      where publisher_id = ${id} and status <> 'suspended'`.execute(this.db);
  }

  /** Its skills are what they were. */
  async resume(id: string): Promise<void> {
    await this.db
      .updateTable("operators")
      .set({ suspended_at: null })
      .where("id", "=", id)
      .execute();
    await sql`update skills set status = status_before, status_before = null
      where publisher_id = ${id} and status_before is not null`.execute(this.db);
  }

  /** Of a suspended one: its skills stay off the market when it is resumed. */
  async forgetOffers(id: string): Promise<void> {
    await this.db
      .updateTable("skills")
      .set({ status_before: null })
      .where("publisher_id", "=", id)
      .execute();
  }

  /** Its skills are found by the new name. */
  async rename(id: string, name: string): Promise<void> {
    await this.db
      .updateTable("operators")
      .set({ name, skeleton: skeletonOf(name) })
      .where("id", "=", id)
      .execute();
    const found_publisher = searchText(name);
    await this.db
      .updateTable("skills")
      .set({ found_publisher })
      .where("publisher_id", "=", id)
      .execute();
  }
}
