import type { Skill, SkillVersion } from "../../../storage/repositories/skill-rows.ts";
import type { ListedSkill } from "../../../storage/repositories/skills.ts";
import type { Reader } from "../../../storage/repository-table.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { recentRuns } from "../../domain/market/recent-runs.ts";
import type { Step } from "../../domain/market/skill.ts";
import { isoTime } from "../../shared/clock.ts";
import { LIMITS } from "../../shared/limits.ts";
import { looksLike, mistakenFor } from "./skill-access.ts";
import { readSteps } from "./steps.ts";

/** A line of a listing. */
export function summaryOf(skill: Skill) {
  return {
    id: skill.id,
    name: skill.name,
    description: skill.description,
    version: skill.version,
    status: skill.status,
    execution_mode: skill.execution_mode,
    trust_level_required: skill.trust_level_required,
    price_per_invocation: skill.price_cents,
    tags: skill.tags,
    publisher_id: skill.publisher_id,
    average_rating: skill.average_rating,
    rating_count: skill.rating_count,
    invocation_count: skill.invocation_count,
    ...listedExample(skill),
  };
}

/** Returns the example of a skill, if it is short. */
function listedExample({ example_input: example }: Skill) {
  const isListed = example !== null && JSON.stringify(example).length <= LIMITS.listedExampleChars;
  return isListed ? { example_input: example } : {};
}

/** Returns a line of a listing with the publisher and the results of the last runs. */
export async function listingOf(r: Reader, skill: Skill) {
  const publisher = await r.operators.find(skill.publisher_id);
  const over = await r.invocations.lastRuns(skill.id, LIMITS.listedRuns);
  const runs = recentRuns(over);
  const [last] = over;
  const isOpen = skill.execution_mode === "open";
  return {
    ...summaryOf(skill),
    publisher: publisher?.name ?? "",
    ...(runs === undefined ? {} : { recent_runs: runs }),
    ...(isOpen && last ? { provider_seen_at: isoTime(last.completed_at) } : {}),
  };
}

export async function listingsOf(r: Reader, skills: readonly Skill[]): Promise<SkillListing[]> {
  const listings: SkillListing[] = [];
  for (const skill of skills) {
    const others = skills.filter((other) => looksLike(skill, other));
    const names = others.map(({ name, found_publisher }) => `${name} by ${found_publisher}`);
    listings.push({
      ...(await listingOf(r, skill)),
      ...(names.length === 0 ? {} : { not_to_be_taken_for: names }),
    });
  }
  return listings;
}

export interface DetailOptions {
  /** Number of a step, from 1, that is shown in full. */
  readonly step?: number | undefined;
}

/**
 * Returns everything about a skill that the caller may know. Only the publisher sees the steps of a
 * sealed skill; everybody sees the steps of a source skill.
 */
export async function detailOf(
  r: Reader,
  caller: Caller,
  listed: ListedSkill,
  options: DetailOptions = {},
) {
  const { skill, version } = listed;
  const own = skill.publisher_id === caller.operatorId;
  const others = await mistakenFor(r, skill);
  const { seller_credential_limit: limit } = version;
  return {
    ...(await listingOf(r, skill)),
    ...(others.length === 0 ? {} : { not_to_be_taken_for: others }),
    ...versionPart(version),
    input_schema: version.input_schema,
    output_schema: version.output_schema,
    ...(skill.example_input === null ? {} : { example_input: skill.example_input }),
    ...(skill.example_output === null ? {} : { example_output: skill.example_output }),
    invocation_ttl_seconds: version.invocation_ttl_seconds,
    required_credentials: version.required_credentials,
    ...(limit === null ? {} : { seller_credential_limit: limit }),
    egress: { hosts: version.egress_hosts },
    ...(version.volatile === 1 ? { volatile: true } : {}),
    ...refusalsPart(version),
    accepts_requests: skill.accepts_requests === 1,
    ...(own || version.execution_mode === "source"
      ? { execution_steps: shownSteps(await readSteps(r, version), options.step) }
      : {}),
    ...(own ? { review: skill.review } : {}),
    ...(skill.min_version === null ? {} : { min_version: skill.min_version }),
    ...(own && skill.rejection_reason !== null ? { rejection_reason: skill.rejection_reason } : {}),
    is_favorite: await r.favorites.has(caller.operatorId, skill.id),
    agent_id: skill.agent_id,
    created_at: isoTime(skill.created_at),
    updated_at: isoTime(skill.updated_at),
  };
}

/** Returns the refusals that a version declares, in its publisher's words. */
export function refusalsPart({ refusals }: SkillVersion) {
  return Object.keys(refusals).length === 0 ? {} : { refusals };
}

/**
 * Returns the part of a view that a version decides; for a pinned one it differs from the listing.
 */
export function versionPart(version: SkillVersion) {
  return {
    version: version.version,
    digest: version.digest,
    execution_mode: version.execution_mode,
    trust_level_required: version.trust_level_required,
    price_per_invocation: version.price_cents,
    credential_mode: version.credential_mode,
  };
}

/**
 * Shows steps; steps that together are too long lose their text, which `step` asks for one by one.
 */
function shownSteps(steps: readonly Step[], wished: number | undefined) {
  if (JSON.stringify(steps).length <= LIMITS.pageChars) return steps;
  return steps.map((step, index) => {
    if (index + 1 === wished) return step;
    if (step.type === "script") {
      const { code, ...rest } = step;
      return { ...rest, code_chars: code.length };
    }
    const { system_prompt = "", user_message = "", ...rest } = step;
    return { ...rest, prompt_chars: system_prompt.length + user_message.length };
  });
}

export type SkillListing = Awaited<ReturnType<typeof listingOf>> & {
  readonly not_to_be_taken_for?: string[];
};
export type SkillSummary = ReturnType<typeof summaryOf>;
export type SkillDetail = Awaited<ReturnType<typeof detailOf>>;
