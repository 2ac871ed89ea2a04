import type { Selectable } from "kysely";
import { Repository } from "../repository.ts";
import type { CheckpointsTable } from "../schema/checkpoints.ts";
import type { MissionsTable } from "../schema/missions.ts";

export type Checkpoint = Omit<Selectable<CheckpointsTable>, "services_used" | "undeclared"> & {
  readonly services_used: readonly string[];
  readonly undeclared: readonly string[];
};
export type Mission = Selectable<MissionsTable>;

/** Missions, and what their agents report on the way. */
export class MissionReader extends Repository {
  async checkpoints(jti: string): Promise<Checkpoint[]> {
    const rows = await this.db
      .selectFrom("checkpoints")
      .selectAll()
      .where("jti", "=", jti)
      .orderBy("id")
      .execute();
    return rows.map((row) => ({
      ...row,
      services_used: JSON.parse(row.services_used) as string[],
      undeclared: JSON.parse(row.undeclared) as string[],
    }));
  }

  async find(id: string): Promise<Mission | undefined> {
    return this.db.selectFrom("missions").selectAll().where("id", "=", id).executeTakeFirst();
  }
}

export class MissionWriter extends MissionReader {
  async insertCheckpoint(checkpoint: Omit<Checkpoint, "id" | "created_at">): Promise<void> {
    await this.db
      .insertInto("checkpoints")
      .values({
        ...checkpoint,
        services_used: JSON.stringify(checkpoint.services_used),
        undeclared: JSON.stringify(checkpoint.undeclared),
        created_at: this.handle.clock.now(),
      })
      .execute();
  }

  async insert(mission: Omit<Mission, "created_at">): Promise<void> {
    await this.db
      .insertInto("missions")
      .values({ ...mission, created_at: this.handle.clock.now() })
      .execute();
  }
}
