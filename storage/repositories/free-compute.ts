import { sql } from "kysely";
import { type ReadHandle, Repository, type WriteHandle } from "../repository.ts";

export interface FreeUse {
  readonly microUsd: number;
  readonly runs: number;
}

/**
 * Compute that the platform absorbs, counted by operator and UTC day: running work at its most,
 * finished work as it was.
 */
export class FreeComputeReader<H extends ReadHandle = ReadHandle> extends Repository<H> {
  async usedOn(operatorId: string, day: number): Promise<FreeUse> {
    const row = await this.db
      .selectFrom("free_compute")
      .select(["micro_usd", "runs"])
      .where("operator_id", "=", operatorId)
      .where("day", "=", day)
      .executeTakeFirst();
    return { microUsd: row?.micro_usd ?? 0, runs: row?.runs ?? 0 };
  }

  async runsBetween(operatorId: string, fromDay: number, toDay: number): Promise<number> {
    const { runs } = await this.db
      .selectFrom("free_compute")
      .select((eb) => eb.fn.coalesce(eb.fn.sum<number>("runs"), eb.lit(0)).as("runs"))
      .where("operator_id", "=", operatorId)
      .where("day", ">=", fromDay)
      .where("day", "<=", toDay)
      .executeTakeFirstOrThrow();
    return runs;
  }
}

export class FreeComputeWriter extends FreeComputeReader<WriteHandle> {
  /**
   * Counts a run at its most. False when the day's cap does not cover it: then nothing is counted.
   */
  async take(operatorId: string, day: number, microUsd: number, cap: number): Promise<boolean> {
    this.handle.gates.require(operatorId);
    if (microUsd > cap) return false;
    const taken = await sql`
      insert into free_compute (operator_id, day, micro_usd, runs) values (${operatorId}, ${day}, ${microUsd}, 1)
      on conflict (operator_id, day) do update set micro_usd = free_compute.micro_usd + excluded.micro_usd,
        runs = free_compute.runs + 1 where free_compute.micro_usd + excluded.micro_usd <= ${cap}
      returning runs`.execute(this.db);
    return taken.rows.length === 1;
  }

  /** Counts what was used already, whatever the cap says. */
  async add(operatorId: string, day: number, microUsd: number): Promise<void> {
    this.handle.gates.require(operatorId);
    await this.db
      .insertInto("free_compute")
      .values({ operator_id: operatorId, day, micro_usd: microUsd, runs: 0 })
      .onConflict((conflict) =>
        conflict.columns(["operator_id", "day"]).doUpdateSet((eb) => ({
          micro_usd: eb("free_compute.micro_usd", "+", eb.ref("excluded.micro_usd")),
        })),
      )
      .execute();
  }

  /** A run that was counted at its most turned out to use this much. */
  async settle(operatorId: string, day: number, most: number, used: number): Promise<void> {
    this.handle.gates.require(operatorId);
    await this.db
      .updateTable("free_compute")
      .set((eb) => ({ micro_usd: eb("micro_usd", "-", most - used) }))
      .where("operator_id", "=", operatorId)
      .where("day", "=", day)
      .execute();
  }
}
