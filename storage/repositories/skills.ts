import type { Selectable } from "kysely";
import { skeletonOf } from "../../src/domain/market/confusable.ts";
import { searchText } from "../../src/domain/market/search-text.ts";
import type { ReviewMode, SkillStatus } from "../../src/domain/market/skill.ts";
import type { SkillFilter } from "../read-models/skill-filter.ts";
import { findSkills } from "../read-models/skill-search.ts";
import type { SkillsTable } from "../schema/skills.ts";
import { SkillNames } from "./skill-names.ts";
import {
  currentOf,
  type Examples,
  exampleColumns,
  foundBy,
  foundByTags,
  type NewVersion,
  type Skill,
  type SkillVersion,
  toSkill,
  toVersion,
  versionRow,
} from "./skill-rows.ts";

/** The part of a listing that a publisher may change without a new version. */
export interface Listing extends Examples {
  readonly description: string;
  readonly tags: readonly string[];
  readonly agent_id: string | null;
  readonly accepts_requests: number;
  readonly review: ReviewMode;
}

export interface NewSkill extends Listing {
  readonly id: string;
  readonly publisher_id: string;
  readonly name: string;
  readonly status: SkillStatus;
}

export interface ListedSkill {
  readonly skill: Skill;
  readonly version: SkillVersion;
}

export class SkillReader extends SkillNames {
  async find(id: string): Promise<Skill | undefined> {
    const row = await this.db
      .selectFrom("skills")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirst();
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
      await this.db
        .selectFrom("skill_versions")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirstOrThrow(),
    );
  }

  /** Name and content of a version, without its schemas. */
  async versionName(id: string): Promise<{ readonly version: string; readonly digest: string }> {
    return this.db
      .selectFrom("skill_versions")
      .select(["version", "digest"])
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
  }

  /** The version that a pin names; of several with one digest the newest. */
  async findVersion(
    skillId: string,
    pin: { readonly version?: string | undefined; readonly digest?: string | undefined },
  ): Promise<SkillVersion | undefined> {
    let query = this.db.selectFrom("skill_versions").selectAll().where("skill_id", "=", skillId);
    if (pin.version !== undefined) query = query.where("version", "=", pin.version);
    if (pin.digest !== undefined) query = query.where("digest", "=", pin.digest);
    const row = await query.orderBy("id", "desc").limit(1).executeTakeFirst();
    return row && toVersion(row);
  }

  /** Newest first; one more than `limit` when there are further ones. */
  async listVersions(
    skillId: string,
    limit: number,
    beforeId: string | undefined,
  ): Promise<SkillVersion[]> {
    let query = this.db.selectFrom("skill_versions").selectAll().where("skill_id", "=", skillId);
    if (beforeId) query = query.where("id", "<", beforeId);
    const rows = await query
      .orderBy("id", "desc")
      .limit(limit + 1)
      .execute();
    return rows.map(toVersion);
  }

  /** Skills with their current versions, in the same order. */
  async withVersions(skills: readonly Skill[]): Promise<ListedSkill[]> {
    if (skills.length === 0) return [];
    const ids = skills.map((skill) => skill.version_id);
    const rows = await this.db
      .selectFrom("skill_versions")
      .selectAll()
      .where("id", "in", ids)
      .execute();
    const byId = new Map(rows.map((row) => [row.id, toVersion(row)]));
    return skills.flatMap((skill) => {
      const version = byId.get(skill.version_id);
      return version ? [{ skill, version }] : [];
    });
  }

  /** A page of the marketplace; one more than `limit` when there are further ones. */
  async search(filter: SkillFilter): Promise<Skill[]> {
    return (await findSkills(this.db, filter)).rows.map(toSkill);
  }

  /** The same, and whether none of them has all of the words. */
  async searchWords(
    filter: SkillFilter,
  ): Promise<{ readonly skills: Skill[]; readonly isPartial: boolean }> {
    const { rows, isPartial } = await findSkills(this.db, filter);
    return { skills: rows.map(toSkill), isPartial };
  }

  /** Counts the skills of a publisher that are not suspended. */
  async countOf(publisherId: string): Promise<number> {
    const { count } = await this.db
      .selectFrom("skills")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where("publisher_id", "=", publisherId)
      .where("status", "<>", "suspended")
      .executeTakeFirstOrThrow();
    return count;
  }

  async isApproved(versionId: string): Promise<boolean> {
    const query = this.db
      .selectFrom("approved_versions")
      .select("version_id")
      .where("version_id", "=", versionId);
    return (await query.executeTakeFirst()) !== undefined;
  }
}

export class SkillWriter extends SkillReader {
  async insert(skill: NewSkill, version: NewVersion): Promise<void> {
    const now = this.handle.clock.now();
    const { example_input, example_output, ...listing } = skill;
    const publisher = await this.db
      .selectFrom("operators")
      .select("name")
      .where("id", "=", skill.publisher_id)
      .executeTakeFirstOrThrow();
    await this.db
      .insertInto("skills")
      .values((eb) => ({
        ...listing,
        ...currentOf(version),
        tags: JSON.stringify(skill.tags),
        ...exampleColumns({ example_input, example_output }),
        ...foundBy(skill, publisher.name),
        skeleton: skeletonOf(skill.name),
        seq: eb(
          eb.fn.coalesce(
            eb.selectFrom("skills as other").select((max) => max.fn.max("other.seq").as("top")),
            eb.lit(0),
          ),
          "+",
          1,
        ),
        approved_version_id: null,
        review_locked: 0,
        unlisted: 0,
        min_version: null,
        rejection_reason: null,
        invocation_count: 0,
        rating_count: 0,
        average_rating: null,
        rating_score: 3,
        created_at: now,
        updated_at: now,
      }))
      .execute();
    await this.#insertVersion(version);
  }

  /** Adds a version and makes it the current one. */
  async addVersion(version: NewVersion): Promise<void> {
    await this.#insertVersion(version);
    await this.update(version.skill_id, currentOf(version));
  }

  async update(
    id: string,
    change: Partial<Omit<Selectable<SkillsTable>, "id" | "tags" | "seq" | keyof Examples>> &
      Partial<Examples> & { readonly tags?: readonly string[] },
  ): Promise<void> {
    const { tags, example_input, example_output, ...rest } = change;
    const { description } = rest;
    await this.db
      .updateTable("skills")
      .set({
        ...rest,
        ...exampleColumns({ example_input, example_output }),
        ...(description === undefined ? {} : { found_description: searchText(description) }),
        ...(tags ? { tags: JSON.stringify(tags), ...foundByTags(tags) } : {}),
        updated_at: this.handle.clock.now(),
      })
      .where("id", "=", id)
      .execute();
  }

  async countInvocation(id: string): Promise<void> {
    await this.db
      .updateTable("skills")
      .set((eb) => ({ invocation_count: eb("invocation_count", "+", 1) }))
      .where("id", "=", id)
      .execute();
  }

  /** Approves the current version. */
  async approve(skill: Skill, adminId: string): Promise<void> {
    await this.db
      .insertInto("approved_versions")
      .values({
        version_id: skill.version_id,
        approved_by: adminId,
        approved_at: this.handle.clock.now(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async #insertVersion(version: NewVersion): Promise<void> {
    const row = { ...versionRow(version), created_at: this.handle.clock.now() };
    await this.db.insertInto("skill_versions").values(row).execute();
  }
}
