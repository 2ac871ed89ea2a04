import type { Selectable } from "kysely";
import type { RequestStatus } from "../../src/domain/market/skill-request.ts";
import type { JsonObject } from "../../src/shared/json.ts";
import { Repository } from "../repository.ts";
import type { SkillRequestsTable } from "../schema/skill-requests.ts";

type Row = Selectable<SkillRequestsTable>;

export type SkillRequest = Omit<Row, "desired_input_schema" | "desired_output_schema" | "tags"> & {
  readonly desired_input_schema: JsonObject | boolean | null;
  readonly desired_output_schema: JsonObject | boolean | null;
  readonly tags: readonly string[];
};

export type RequestChange = Partial<
  Omit<SkillRequest, "id" | "operator_id" | "created_at" | "updated_at">
>;

export class SkillRequestReader extends Repository {
  async find(id: string): Promise<SkillRequest | undefined> {
    const row = await this.db
      .selectFrom("skill_requests")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirst();
    return row && toRequest(row);
  }

  async countOpen(operatorId: string): Promise<number> {
    const { count } = await this.db
      .selectFrom("skill_requests")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where("operator_id", "=", operatorId)
      .where("status", "=", "open")
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Newest first; one more than `limit` when there is more. */
  async list(filter: {
    readonly status?: RequestStatus | undefined;
    readonly operatorId?: string | undefined;
    readonly beforeId?: string | undefined;
    readonly offset?: number | undefined;
    readonly limit: number;
  }): Promise<SkillRequest[]> {
    let query = this.db.selectFrom("skill_requests").selectAll();
    if (filter.status) query = query.where("status", "=", filter.status);
    if (filter.operatorId) query = query.where("operator_id", "=", filter.operatorId);
    if (filter.beforeId) query = query.where("id", "<", filter.beforeId);
    if (filter.offset) query = query.offset(filter.offset);
    const rows = await query
      .orderBy("id", "desc")
      .limit(filter.limit + 1)
      .execute();
    return rows.map(toRequest);
  }
}

export class SkillRequestWriter extends SkillRequestReader {
  async insert(request: Omit<SkillRequest, "created_at" | "updated_at">): Promise<void> {
    const now = this.handle.clock.now();
    await this.db
      .insertInto("skill_requests")
      .values({
        ...request,
        ...columnsOf(request),
        tags: JSON.stringify(request.tags),
        created_at: now,
        updated_at: now,
      })
      .execute();
  }

  async update(id: string, change: RequestChange): Promise<void> {
    const { tags, ...rest } = change;
    await this.db
      .updateTable("skill_requests")
      .set({
        ...rest,
        ...columnsOf(change),
        ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
        updated_at: this.handle.clock.now(),
      })
      .where("id", "=", id)
      .execute();
  }
}

function columnsOf({ desired_input_schema: input, desired_output_schema: output }: RequestChange) {
  return { desired_input_schema: textOf(input), desired_output_schema: textOf(output) };
}

/** Undefined leaves a column as it is. */
function textOf<T>(schema: T): string | null | undefined {
  return schema === undefined || schema === null
    ? (schema as undefined | null)
    : JSON.stringify(schema);
}

function toRequest(row: Row): SkillRequest {
  const schemaOf = (text: string | null) =>
    text === null ? null : (JSON.parse(text) as JsonObject | boolean);
  return {
    ...row,
    desired_input_schema: schemaOf(row.desired_input_schema),
    desired_output_schema: schemaOf(row.desired_output_schema),
    tags: JSON.parse(row.tags) as string[],
  };
}
