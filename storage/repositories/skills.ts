import { type Kysely, type Selectable, type SqlBool, sql } from "kysely";
import type { PlannedStep, SkillStatus, TrustLevel } from "../../src/domain/skill.ts";
import type { Clock } from "../../src/shared/clock.ts";
import type { JsonObject } from "../../src/shared/json.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import type { Schema } from "../schema/index.ts";
import type { SkillsTable, SkillVersionsTable } from "../schema/skills.ts";

export type Skill = Omit<Selectable<SkillsTable>, "tags"> & { readonly tags: readonly string[] };

export type SkillVersion = Omit<Selectable<SkillVersionsTable>, "input_schema" | "output_schema" | "pipeline"> & {
  readonly input_schema: JsonObject | boolean;
  readonly output_schema: JsonObject | boolean;
  readonly pipeline: readonly PlannedStep[];
};

export interface SkillFilter {
  readonly search?: string | undefined;
  readonly status: SkillStatus;
  readonly trustLevel?: TrustLevel | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Only this publisher's; for statuses that others may not see. */
  readonly publisherId?: string | undefined;
  readonly limit: number;
  readonly offset?: number | undefined;
  /** The id of the last skill of the page before: newest first, older ones follow. */
  readonly beforeId?: string | undefined;
}

export interface ListedSkill {
  readonly skill: Skill;
  readonly version: SkillVersion;
}

export class SkillReader {
  protected readonly db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.db = db;
  }

  async find(id: string): Promise<Skill | undefined> {
    const row = await this.db.selectFrom("skills").selectAll().where("id", "=", id).executeTakeFirst();
    return row && toSkill(row);
  }

  async findByName(publisherId: string, name: string): Promise<Skill | undefined> {
    const row = await this.db
      .selectFrom("skills")
      .selectAll()
      .where("publisher_id", "=", publisherId)
      .where("name", "=", name)
      .executeTakeFirst();
    return row && toSkill(row);
  }

  async getVersion(id: string): Promise<SkillVersion> {
    return toVersion(
      await this.db.selectFrom("skill_versions").selectAll().where("id", "=", id).executeTakeFirstOrThrow(),
    );
  }

  /** A page, newest first; one more than `limit` when there are further ones. */
  async list(filter: SkillFilter): Promise<ListedSkill[]> {
    let query = this.db
      .selectFrom("skills")
      .innerJoin("skill_versions", "skill_versions.id", "skills.version_id")
      .select("skills.id")
      .where("skills.status", "=", filter.status)
      .orderBy("skills.id", "desc")
      .limit(filter.limit + 1);
    if (filter.offset) query = query.offset(filter.offset);
    if (filter.beforeId) query = query.where("skills.id", "<", filter.beforeId);
    if (filter.publisherId) query = query.where("skills.publisher_id", "=", filter.publisherId);
    if (filter.trustLevel) query = query.where("skill_versions.trust_level_required", "=", filter.trustLevel);
    for (const tag of filter.tags ?? []) {
      query = query.where(contains("skills.tags", JSON.stringify(tag)));
    }
    for (const word of wordsOf(filter.search ?? "")) {
      query = query.where((eb) =>
        eb.or([contains("skills.name", word), contains("skills.description", word), contains("skills.tags", word)]),
      );
    }
    return this.#load((await query.execute()).map((row) => row.id));
  }

  async #load(ids: readonly string[]): Promise<ListedSkill[]> {
    if (ids.length === 0) return [];
    const skills = await this.db
      .selectFrom("skills")
      .selectAll()
      .where("id", "in", ids)
      .orderBy("id", "desc")
      .execute();
    const versionIds = skills.map((skill) => skill.version_id);
    const versions = await this.db.selectFrom("skill_versions").selectAll().where("id", "in", versionIds).execute();
    const byId = new Map(versions.map((version) => [version.id, version]));
    return skills.flatMap((row) => {
      const version = byId.get(row.version_id);
      return version ? [{ skill: toSkill(row), version: toVersion(version) }] : [];
    });
  }
}

export class SkillWriter extends SkillReader {
  readonly #clock: Clock;

  constructor(db: Kysely<Schema>, clock: Clock) {
    super(db);
    this.#clock = clock;
  }

  async insert(skill: Omit<Skill, "created_at" | "updated_at" | "invocation_count">): Promise<void> {
    const now = this.#clock();
    const tags = JSON.stringify(skill.tags);
    const rest = { invocation_count: 0, created_at: now, updated_at: now };
    await this.db
      .insertInto("skills")
      .values({ ...skill, ...rest, tags })
      .execute();
  }

  async insertVersion(version: Omit<SkillVersion, "created_at">): Promise<void> {
    await this.db
      .insertInto("skill_versions")
      .values({
        ...version,
        input_schema: JSON.stringify(version.input_schema),
        output_schema: JSON.stringify(version.output_schema),
        pipeline: JSON.stringify(version.pipeline),
        created_at: this.#clock(),
      })
      .execute();
  }

  async countInvocation(id: string): Promise<void> {
    await this.db
      .updateTable("skills")
      .set((eb) => ({ invocation_count: eb("invocation_count", "+", 1) }))
      .where("id", "=", id)
      .execute();
  }
}

/** The first few different words: each costs a look at every skill. */
function wordsOf(search: string): string[] {
  return [...new Set(search.toLowerCase().split(/\s+/).filter(Boolean))].slice(0, LIMITS.searchWords);
}

/** Case-insensitive; what LIKE would read as a wildcard is plain text. */
function contains(column: "skills.name" | "skills.description" | "skills.tags", text: string) {
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  return sql<SqlBool>`${sql.ref(column)} like ${pattern} escape '\\'`;
}

function toSkill(row: Selectable<SkillsTable>): Skill {
  return { ...row, tags: JSON.parse(row.tags) as string[] };
}

function toVersion(row: Selectable<SkillVersionsTable>): SkillVersion {
  return {
    ...row,
    input_schema: JSON.parse(row.input_schema) as JsonObject | boolean,
    output_schema: JSON.parse(row.output_schema) as JsonObject | boolean,
    pipeline: JSON.parse(row.pipeline) as PlannedStep[],
  };
}
