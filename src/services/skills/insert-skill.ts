import type { Founding } from "../../../storage/repository-table.ts";
import { offeredStatus } from "../../domain/market/review.ts";
import type { ReviewMode, SkillContent } from "../../domain/market/skill.ts";
import { newId } from "../../shared/ids.ts";
import type { Json, JsonObject } from "../../shared/json.ts";
import { versionOf } from "./content.ts";
import type { Draft } from "./draft.ts";
import { sealSteps } from "./steps.ts";

export interface PublishRequest extends Draft {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly tags: readonly string[];
  /** An input and an output of the skill, for people and models to begin with. */
  readonly example_input?: JsonObject | undefined;
  readonly example_output?: Json | undefined;
  readonly agent_id?: string | undefined;
  readonly accepts_requests: boolean;
  readonly review: ReviewMode;
}

/** Content and its digest, made before the transaction that stores both. */
export interface DigestedContent {
  readonly content: SkillContent;
  readonly digest: string;
}

/**
 * Inserts a skill whose content was checked; its steps are sealed in the same transaction.
 */
export async function insertSkill(
  t: Founding,
  publisherId: string,
  request: PublishRequest,
  { content, digest }: DigestedContent,
): Promise<string> {
  const id = newId("skl");
  const versionId = newId("sver");
  const {
    name,
    description,
    tags,
    version,
    review,
    invocation_ttl_seconds,
    agent_id = null,
  } = request;
  const { example_input = null, example_output = null } = request;
  const accepts_requests = request.accepts_requests ? 1 : 0;
  const listing = {
    name,
    description,
    tags,
    example_input,
    example_output,
    agent_id,
    review,
    accepts_requests,
  };
  const status = offeredStatus({
    review,
    version_id: versionId,
    approved_version_id: null,
    unlisted: 0,
  });
  await t.skills.insert(
    { ...listing, id, publisher_id: publisherId, status },
    versionOf(content, { id: versionId, skill_id: id, version, digest, invocation_ttl_seconds }),
  );
  await sealSteps(t, versionId, content.steps);
  await t.audit.append({
    operatorId: publisherId,
    action: "skill.publish",
    outcome: "success",
    agentId: request.agent_id,
    details: { skill_id: id, version, digest },
  });
  return id;
}
