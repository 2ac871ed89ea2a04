import type { ListedSkill } from "../../../storage/repositories/skills.ts";
import { isoTime } from "../../shared/clock.ts";

/** A line of a listing. */
export function summaryOf({ skill, version }: ListedSkill) {
  return {
    id: skill.id,
    name: skill.name,
    description: skill.description,
    version: version.version,
    status: skill.status,
    execution_mode: version.execution_mode,
    trust_level_required: version.trust_level_required,
    price_per_invocation: version.price_cents,
    tags: skill.tags,
    publisher_id: skill.publisher_id,
    average_rating: null,
    rating_count: 0,
    invocation_count: skill.invocation_count,
  };
}

/** Everything about a skill that its buyers may know: what a sealed one does inside is not part of it. */
export function detailOf(listed: ListedSkill) {
  const { skill, version } = listed;
  return {
    ...summaryOf(listed),
    digest: version.digest,
    credential_mode: version.credential_mode,
    input_schema: version.input_schema,
    output_schema: version.output_schema,
    invocation_ttl_seconds: version.invocation_ttl_seconds,
    agent_id: skill.agent_id,
    created_at: isoTime(skill.created_at),
    updated_at: isoTime(skill.updated_at),
  };
}

export type SkillSummary = ReturnType<typeof summaryOf>;
export type SkillDetail = ReturnType<typeof detailOf>;
