import { Repository } from "../repository.ts";
import { type Skill, toSkill } from "./skill-rows.ts";

/** Skills that an operator keeps at hand. */
export class FavoriteReader extends Repository {
  async list(operatorId: string, limit: number, before: number | undefined): Promise<Skill[]> {
    let query = this.db
      .selectFrom("favorites")
      .innerJoin("skills", "skills.id", "favorites.skill_id")
      .selectAll("skills")
      .where("favorites.operator_id", "=", operatorId)
      .where((eb) =>
        eb.or([
          eb("skills.status", "in", ["active", "unlisted"]),
          eb("publisher_id", "=", operatorId),
        ]),
      );
    if (before !== undefined) query = query.where("skills.seq", "<", before);
    const rows = await query
      .orderBy("skills.seq", "desc")
      .limit(limit + 1)
      .execute();
    return rows.map(toSkill);
  }

  async has(operatorId: string, skillId: string): Promise<boolean> {
    const row = await this.db
      .selectFrom("favorites")
      .select("skill_id")
      .where("operator_id", "=", operatorId)
      .where("skill_id", "=", skillId)
      .executeTakeFirst();
    return row !== undefined;
  }
}

export class FavoriteWriter extends FavoriteReader {
  async insert(operatorId: string, skillId: string): Promise<void> {
    await this.db
      .insertInto("favorites")
      .values({ operator_id: operatorId, skill_id: skillId, created_at: this.handle.clock.now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async delete(operatorId: string, skillId: string): Promise<void> {
    await this.db
      .deleteFrom("favorites")
      .where("operator_id", "=", operatorId)
      .where("skill_id", "=", skillId)
      .execute();
  }
}
