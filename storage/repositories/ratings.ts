import { type Selectable, sql } from "kysely";
import { type Opinion, summariseRatings } from "../../src/domain/market/rating.ts";
import { Repository } from "../repository.ts";
import type { RatingsTable } from "../schema/ratings.ts";

export type Rating = Selectable<RatingsTable>;

export interface RatingTally {
  readonly version: string;
  readonly rating: number;
  readonly count: number;
}

export class RatingReader extends Repository {
  /** Lists each operator's last rating of the skill, of whichever version. */
  async opinions(skillId: string): Promise<Opinion[]> {
    const { rows } = await sql<{ rating: number; paid: number }>`
      select rating, paid from (
        select rating, max(paid_cents) over (partition by operator_id) as paid,
          row_number() over (partition by operator_id order by updated_at desc, version_id desc) as place
        from ratings where skill_id = ${skillId}) as said
      where place = 1`.execute(this.db);
    return rows.map(({ rating, paid }) => ({ rating, paidCents: paid }));
  }

  async tally(skillId: string): Promise<RatingTally[]> {
    return this.db
      .selectFrom("ratings")
      .innerJoin("skill_versions", "skill_versions.id", "ratings.version_id")
      .select((eb) => [
        "skill_versions.version",
        "ratings.rating",
        eb.fn.countAll<number>().as("count"),
      ])
      .where("ratings.skill_id", "=", skillId)
      .groupBy(["skill_versions.version", "ratings.rating"])
      .execute();
  }

  async listOf(skillId: string, operatorId: string): Promise<Rating[]> {
    return this.db
      .selectFrom("ratings")
      .selectAll()
      .where("skill_id", "=", skillId)
      .where("operator_id", "=", operatorId)
      .orderBy("updated_at", "desc")
      .execute();
  }
}

export class RatingWriter extends RatingReader {
  /** One an operator and version: a second one takes the place of the first. */
  async put(rating: Omit<Rating, "created_at" | "updated_at">): Promise<void> {
    const now = this.handle.clock.now();
    const { rating: stars, paid_cents, invocation_id } = rating;
    await this.db
      .insertInto("ratings")
      .values({ ...rating, created_at: now, updated_at: now })
      .onConflict((conflict) =>
        conflict
          .columns(["skill_id", "operator_id", "version_id"])
          .doUpdateSet({ rating: stars, paid_cents, invocation_id, updated_at: now }),
      )
      .execute();
  }

  /** Brings the listing in line with its ratings. */
  async summarise(skillId: string, priceCents: number): Promise<void> {
    const summary = summariseRatings(await this.opinions(skillId), priceCents);
    await this.db.updateTable("skills").set(summary).where("id", "=", skillId).execute();
  }
}
