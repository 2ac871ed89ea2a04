import type { Selectable } from "kysely";
import type { Budget } from "../../src/domain/money/budget.ts";
import { Repository } from "../repository.ts";
import type { AgentGrantsTable } from "../schema/agent-grants.ts";
import type { AgentsTable } from "../schema/agents.ts";
import type { EnrolmentChallengesTable } from "../schema/enrolment-challenges.ts";

type AgentRow = Selectable<AgentsTable>;
export type Agent = Omit<
  AgentRow,
  "allowed_skills" | "budget" | "public_key" | "passport_blocked"
> & {
  readonly allowed_skills: readonly string[];
  readonly budget: Budget | null;
  readonly public_key: Record<string, unknown> | null;
  readonly passport_blocked: boolean;
};
export type AgentGrant = Omit<Selectable<AgentGrantsTable>, "scopes"> & {
  readonly scopes: readonly string[];
};
type Challenge = Selectable<EnrolmentChallengesTable>;

/** Agents, but not those that are deleted. */
export class AgentReader extends Repository {
  async find(id: string): Promise<Agent | undefined> {
    const row = await this.#live().where("id", "=", id).executeTakeFirst();
    return row && toAgent(row);
  }

  async findByName(operatorId: string, name: string): Promise<Agent | undefined> {
    const row = await this.#live()
      .where("operator_id", "=", operatorId)
      .where("name", "=", name)
      .executeTakeFirst();
    return row && toAgent(row);
  }

  /** Newest first; one more than `limit` when there is more. */
  async list(operatorId: string, limit: number, beforeId?: string): Promise<Agent[]> {
    let query = this.#live().where("operator_id", "=", operatorId);
    if (beforeId !== undefined) query = query.where("id", "<", beforeId);
    const rows = await query
      .orderBy("id", "desc")
      .limit(limit + 1)
      .execute();
    return rows.map(toAgent);
  }

  async count(operatorId: string): Promise<number> {
    const { count } = await this.db
      .selectFrom("agents")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where("operator_id", "=", operatorId)
      .where("deleted_at", "is", null)
      .executeTakeFirstOrThrow();
    return count;
  }

  async grants(agentId: string): Promise<AgentGrant[]> {
    const rows = await this.db
      .selectFrom("agent_grants")
      .selectAll()
      .where("agent_id", "=", agentId)
      .execute();
    return rows.map((row) => ({ ...row, scopes: JSON.parse(row.scopes) as string[] }));
  }

  async findChallenge(id: string): Promise<Challenge | undefined> {
    return this.db
      .selectFrom("enrolment_challenges")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirst();
  }

  #live() {
    return this.db.selectFrom("agents").selectAll().where("deleted_at", "is", null);
  }
}

export class AgentWriter extends AgentReader {
  async insert(agent: Omit<Agent, "created_at" | "updated_at" | "deleted_at">): Promise<void> {
    const now = this.handle.clock.now();
    const row = {
      ...agent,
      ...toColumns(agent),
      created_at: now,
      updated_at: now,
      deleted_at: null,
    };
    await this.db.insertInto("agents").values(row).execute();
  }

  async update(
    id: string,
    change: Partial<Omit<Agent, "id" | "operator_id" | "created_at">>,
  ): Promise<void> {
    const set = { ...change, ...toColumns(change), updated_at: this.handle.clock.now() };
    await this.db.updateTable("agents").set(set).where("id", "=", id).execute();
  }

  async setGrants(agentId: string, grants: readonly Omit<AgentGrant, "agent_id">[]): Promise<void> {
    await this.db.deleteFrom("agent_grants").where("agent_id", "=", agentId).execute();
    for (const { connection_id, scopes } of grants) {
      const row = { agent_id: agentId, connection_id, scopes: JSON.stringify(scopes) };
      await this.db.insertInto("agent_grants").values(row).execute();
    }
  }

  async insertChallenge(challenge: Challenge): Promise<void> {
    const { agent_id } = challenge;
    await this.db.deleteFrom("enrolment_challenges").where("agent_id", "=", agent_id).execute();
    await this.db.insertInto("enrolment_challenges").values(challenge).execute();
  }

  async deleteChallenge(id: string): Promise<void> {
    await this.db.deleteFrom("enrolment_challenges").where("id", "=", id).execute();
  }

  /**
   * False for a request that was let in before. Those that have expired are forgotten on the way.
   */
  async spendRequest(agentId: string, jti: string, expiresAt: number): Promise<boolean> {
    await this.db
      .deleteFrom("spent_requests")
      .where("expires_at", "<=", this.handle.clock.now())
      .execute();
    const row = await this.db
      .insertInto("spent_requests")
      .values({ agent_id: agentId, jti, expires_at: expiresAt })
      .onConflict((conflict) => conflict.columns(["agent_id", "jti"]).doNothing())
      .returning("jti")
      .executeTakeFirst();
    return row !== undefined;
  }
}

function toAgent(row: AgentRow): Agent {
  return {
    ...row,
    allowed_skills: JSON.parse(row.allowed_skills) as string[],
    budget: row.budget === null ? null : (JSON.parse(row.budget) as Budget),
    public_key:
      row.public_key === null ? null : (JSON.parse(row.public_key) as Record<string, unknown>),
    passport_blocked: row.passport_blocked === 1,
  };
}

function toColumns({ allowed_skills, budget, public_key, passport_blocked }: Partial<Agent>) {
  return {
    budget: budget === undefined ? undefined : budget && JSON.stringify(budget),
    allowed_skills: allowed_skills === undefined ? undefined : JSON.stringify(allowed_skills),
    ...(public_key === undefined
      ? {}
      : { public_key: public_key === null ? null : JSON.stringify(public_key) }),
    ...(passport_blocked === undefined ? {} : { passport_blocked: passport_blocked ? 1 : 0 }),
  } as {
    allowed_skills: string;
    budget: string | null;
    public_key: string | null;
    passport_blocked: number;
  };
}
