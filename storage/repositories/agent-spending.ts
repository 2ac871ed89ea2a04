import type { Period, Periods, Spending } from "../../src/domain/money/budget.ts";
import { type ReadHandle, Repository, type WriteHandle } from "../repository.ts";

/** Reads what was held or charged in the name of each agent. */
export class AgentSpendingReader<H extends ReadHandle = ReadHandle> extends Repository<H> {
  async of(agentId: string, { day, month }: Periods): Promise<Spending> {
    const rows = await this.db
      .selectFrom("agent_spending")
      .select(["period", "cents"])
      .where("agent_id", "=", agentId)
      .where("period", "in", [day, month])
      .execute();
    const centsIn = (period: Period) => rows.find((row) => row.period === period)?.cents ?? 0;
    return { dayCents: centsIn(day), monthCents: centsIn(month) };
  }
}

export class AgentSpendingWriter extends AgentSpendingReader<WriteHandle> {
  /** Counts cents in the name of agents of one operator. */
  async count(
    operatorId: string,
    agentIds: readonly string[],
    { day, month }: Periods,
    cents: number,
  ): Promise<void> {
    this.handle.gates.require(operatorId);
    const rows = agentIds.flatMap((agent_id) =>
      [day, month].map((period) => ({ agent_id, period, cents })),
    );
    await this.db
      .insertInto("agent_spending")
      .values(rows.map((row) => ({ ...row, alarmed_percent: 0 })))
      .onConflict((conflict) =>
        conflict.columns(["agent_id", "period"]).doUpdateSet((eb) => ({
          cents: eb("agent_spending.cents", "+", eb.ref("excluded.cents")),
        })),
      )
      .execute();
  }

  /** Takes cents back from the periods in which they were counted. */
  async giveBack(
    operatorId: string,
    agentIds: readonly string[],
    { day, month }: Periods,
    cents: number,
  ) {
    this.handle.gates.require(operatorId);
    await this.db
      .updateTable("agent_spending")
      .set((eb) => ({ cents: eb("cents", "-", cents) }))
      .where("agent_id", "in", agentIds)
      .where("period", "in", [day, month])
      .execute();
  }

  /** Clears the reported thresholds after a change of the budget. */
  async clearAlarms(agentId: string): Promise<void> {
    await this.db
      .updateTable("agent_spending")
      .set({ alarmed_percent: 0 })
      .where("agent_id", "=", agentId)
      .execute();
  }

  /**
   * Records a reported threshold. Returns false when it, or a higher one, was reported before in
   * this period.
   */
  async raiseAlarm(agentId: string, period: Period, percent: number): Promise<boolean> {
    const { numUpdatedRows } = await this.db
      .updateTable("agent_spending")
      .set({ alarmed_percent: percent })
      .where("agent_id", "=", agentId)
      .where("period", "=", period)
      .where("alarmed_percent", "<", percent)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }
}
