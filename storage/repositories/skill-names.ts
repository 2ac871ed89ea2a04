import { sql } from "kysely";
import { LIMITS } from "../../src/shared/limits.ts";
import { Repository } from "../repository.ts";
import { toSkill } from "./skill-rows.ts";

/** Skills by what they are called. */
export class SkillNames extends Repository {
  /**
   * Skills of this name, oldest first, each with the name of its publisher; of one publisher when
   * it is given.
   */
  async listNamed(name: string, publisher: string | undefined) {
    let query = this.db
      .selectFrom("skills")
      .innerJoin("operators", "operators.id", "skills.publisher_id")
      .selectAll("skills")
      .select("operators.name as publisher")
      .where("skills.name", "=", name);
    if (publisher !== undefined) query = query.where("operators.name", "=", publisher);
    const rows = await query.orderBy("skills.seq").limit(LIMITS.page.default).execute();
    return rows.map(({ publisher: of, ...row }) => ({ skill: toSkill(row), publisher: of }));
  }

  /**
   * The skills of others whose names look like one of this skeleton, each with how many have bought
   * it.
   */
  async listLike(skeleton: string, publisherId: string) {
    const { rows } = await sql<{ name: string; publisher: string; buyers: number }>`
      select skills.name, operators.name as publisher, (
        select count(distinct buyer_id) from invocations
        where skill_id = skills.id and status = 'completed' and buyer_id <> invocations.publisher_id) as buyers
      from skills join operators on operators.id = skills.publisher_id
      where skills.skeleton = ${skeleton} and skills.publisher_id <> ${publisherId} and operators.is_example = 0
        and skills.status = 'active'
      order by skills.seq limit 100`.execute(this.db);
    return rows;
  }

  /** Active skills of others with one of these names or this skeleton, most used first. */
  async listNear(names: readonly string[], skeleton: string, publisherId: string, limit: number) {
    const { rows } = await sql<{ name: string; publisher: string }>`
      select skills.name, operators.name as publisher
      from skills join operators on operators.id = skills.publisher_id
      where skills.id in (
        select id from skills where name in (select value from json_each(${JSON.stringify(names)}))
        union select id from skills where skeleton = ${skeleton})
        and skills.status = 'active' and skills.publisher_id <> ${publisherId}
      order by skills.invocation_count desc limit ${limit}`.execute(this.db);
    return rows;
  }
}
