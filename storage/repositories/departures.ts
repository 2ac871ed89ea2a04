import { sql } from "kysely";
import { LIMITS } from "../../src/shared/limits.ts";
import { Repository } from "../repository.ts";
import { NO_PERIOD } from "./operators.ts";

/**
 * A stand-in for the name of somebody who is gone: the end of the id tells such names
 * apart.
 */
const NAMELESS = sql<string>`'deleted-' || substr(id, -8)`;

/** Finds ended records that still hold personal texts. */
export interface OverRecords {
  readonly passports: number;
  readonly agents: number;
  readonly requests: number;
}

export class DepartureReader extends Repository {
  /**
   * Operators, of all or the one, with a record that was over before then and still says something.
   */
  async withOverRecords(before: number, operatorId: string | undefined): Promise<string[]> {
    const own = operatorId === undefined ? sql`1` : sql`operator_id = ${operatorId}`;
    const { rows } = await sql<{ operator_id: string }>`
      select operator_id from passports where ${own} and intent is not null and ${overPassport(before)}
      union select operator_id from agents where ${own} and ${goneAgent(before)}
      union select operator_id from skill_requests where ${own} and ${overRequest(before)}`.execute(
      this.db,
    );
    return rows.map(({ operator_id }) => operator_id);
  }
}

/** Erases people's texts from the tables. Rows, ids and amounts stay. */
export class DepartureWriter extends DepartureReader {
  /** Intents of passports that are over, names of deleted agents, texts of closed requests. */
  async eraseOverRecords(operatorId: string, before: number): Promise<OverRecords> {
    const own = sql`operator_id = ${operatorId}`;
    return {
      passports: await this.#run(
        sql`update passports set intent = null where ${own} and intent is not null and ${overPassport(before)}`,
      ),
      agents:
        await this.#run(sql`update agents set name = ${NAMELESS}, description = null, icon_url = null
        where ${own} and ${goneAgent(before)}`),
      requests: await this.#run(sql`update skill_requests set description = '', tags = '[]',
        desired_input_schema = null, desired_output_schema = null where ${own} and ${overRequest(before)}`),
    };
  }

  /**
   * Ends an operator's rights and erases its name. The caller has revoked its passports before.
   */
  async forget(operatorId: string): Promise<void> {
    const own = sql`operator_id = ${operatorId}`;
    const itsSkills = sql`skill_id in (select id from skills where publisher_id = ${operatorId})`;
    const now = this.handle.clock.now();
    const statements = [
      sql`update api_keys set revoked_at = coalesce(revoked_at, ${now}), name = '' where ${own}`,
      sql`update claims set revoked_at = coalesce(revoked_at, ${now}) where ${own}`,
      sql`update verifications set url = null, session_ref = 'erased-' || id where ${own}`,
      sql`delete from agent_grants where agent_id in (select id from agents where ${own})`,
      sql`delete from enrolment_challenges where agent_id in (select id from agents where ${own})`,
      sql`update agents set deleted_at = coalesce(deleted_at, ${now}), public_key = null, allowed_skills = '[]',
        budget = null where ${own}`,
      deletionOfSealed("connections", sql`select id from connections where ${own}`),
      sql`delete from connections where ${own}`,
      sql`delete from favorites where ${own}`,
      sql`delete from payout_accounts where ${own}`,
      sql`update skill_requests set status = 'closed' where ${own} and status = 'open'`,
      sql`update passports set revoke_reason = null where ${own}`,
      sql`update revocations set reason = null where ${own}`,
      sql`update checkpoints set services_used = '[]', undeclared = '[]'
        where jti in (select jti from passports where ${own})`,
      sql`update checkouts set findings = '[]' where ${own}`,
      sql`update topups set expires_at = min(expires_at, ${now}) where ${own} and status = 'pending'`,
      sql`update topups set processor_url = null where ${own}`,
      deletionOfSealed("skill_versions", sql`select id from skill_versions where ${itsSkills}`),
      // Only the versions of who is gone can be changed. Their digests stay.
      sql`update skill_versions set refusals = '{}', egress_hosts = '[]', required_credentials = '[]',
        input_schema = '{}', output_schema = '{}', pipeline = (
          select coalesce(json_group_array(json(json_remove(value, '$.label'))), '[]')
          from json_each(skill_versions.pipeline))
        where ${itsSkills}`,
      sql`update skills set name = ${NAMELESS}, skeleton = '', description = '', tags = '[]', status = 'suspended',
        status_before = null, accepts_requests = 0, example_input = null, example_output = null,
        rejection_reason = null, found_name = '', found_description = '', found_tags = '', found_publisher = '',
        input_fields = '', output_fields = '' where publisher_id = ${operatorId}`,
    ];
    await this.db
      .updateTable("operators")
      .set({
        name: NAMELESS,
        skeleton: "",
        is_admin: 0,
        plan: "free",
        base_plan: "free",
        ...NO_PERIOD,
      })
      .set({ deleted_at: now, suspended_at: sql<number>`coalesce(suspended_at, ${now})` })
      .where("id", "=", operatorId)
      .execute();
    for (const statement of statements) await statement.execute(this.db);
    await this.eraseOverRecords(operatorId, Number.MAX_SAFE_INTEGER);
  }

  async #run(statement: ReturnType<typeof sql>): Promise<number> {
    const { numAffectedRows = 0n } = await statement.execute(this.db);
    return Number(numAffectedRows);
  }
}

/** One that is neither revoked nor checked out is used again when it is refreshed. */
function overPassport(before: number) {
  const lapsed = before - LIMITS.refreshWithinMs;
  return sql`(expires_at <= ${lapsed} or revoked_at <= ${before} or checked_out_at <= ${before})`;
}

function goneAgent(before: number) {
  return sql`deleted_at <= ${before} and name <> ${NAMELESS}`;
}

function overRequest(before: number) {
  return sql`status <> 'open' and updated_at <= ${before} and description <> ''`;
}

/**
 * Takes out everything sealed that belongs to these rows of a table: an owner is `table:id:part`.
 */
function deletionOfSealed(table: string, ids: ReturnType<typeof sql>) {
  const from = table.length + 2;
  return sql`delete from sealed_blobs where owner >= ${`${table}:`} and owner < ${`${table};`}
    and substr(owner, ${from}, instr(substr(owner, ${from}), ':') - 1) in (${ids})`;
}
