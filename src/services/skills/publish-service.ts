import type { Skill, SkillVersion } from "../../../storage/repositories/skill-rows.ts";
import type { Reader, Transaction } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import { nextVersion } from "../../domain/market/next-version.ts";
import { statusAfterChange } from "../../domain/market/review.ts";
import type { ReviewMode, SkillContent } from "../../domain/market/skill.ts";
import type { PlanLimits } from "../../domain/money/plans.ts";
import type { SchemaChecker } from "../../schemas/schema-checker.ts";
import { DomainError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import { digestOf, type Json } from "../../shared/json.ts";
import { requireServedOperator } from "../auth/live-authorization.ts";
import { requireOwnAgent } from "../auth/own-agent.ts";
import type { CodeCheck } from "./code-check.ts";
import {
  contentOf,
  requireFittingExamples,
  requireUsableSchemas,
  versionOf,
  warningsOf,
} from "./content.ts";
import type { Draft } from "./draft.ts";
import type { DigestedContent, PublishRequest } from "./insert-skill.ts";
import { insertSkill } from "./insert-skill.ts";
import { requireDistinctName, requireOwn, requireRoom } from "./skill-access.ts";
import { detailOf, type SkillDetail } from "./skill-view.ts";
import { readSteps, sealSteps } from "./steps.ts";

/** A change of a skill. An absent field stays as it is. */
export type UpdateRequest = Partial<Omit<PublishRequest, "name">> & {
  readonly min_version?: string | undefined;
};

export interface PublishParts {
  readonly store: Store;
  readonly schemas: SchemaChecker;
  readonly code: CodeCheck;
  readonly limitsOf: PlanLimits;
  /** The host's rule; a publisher can ask for a review, and cannot waive one. */
  readonly review: ReviewMode;
}

/** A skill as its publisher sees it, with warnings of likely mistakes. */
export type PublishedSkill = SkillDetail & { readonly warnings?: readonly string[] };

/** Publishes skills and new versions of them. */
export class PublishService {
  readonly #parts: PublishParts;

  constructor(parts: PublishParts) {
    this.#parts = parts;
  }

  /**
   * Publishes a skill; its steps are sealed before anything is stored. A repeated call with the
   * same content returns the existing skill. Throws INVALID_REQUEST, SCHEMA_UNSUPPORTED,
   * TIER_LIMIT_EXCEEDED, or VERSION_CONFLICT for a name that another skill of the caller has.
   */
  async publish(caller: Caller, request: PublishRequest): Promise<PublishedSkill> {
    const content = contentOf(request);
    await requireUsableSchemas(this.#parts.schemas, content);
    await requireFittingExamples(this.#parts.schemas, content, request);
    await this.#parts.code.requireParsing(caller, content.steps);
    const digest = digestOf(content);
    const skillId = await this.#parts.store.transact([caller.operatorId], async (t) => {
      await requireServedOperator(t, caller.operatorId);
      const existing = await t.skills.findByName(caller.operatorId, request.name);
      if (existing) return sameOrConflict(t, existing, request, digest);
      if (request.agent_id !== undefined) await requireOwnAgent(t, caller, request.agent_id);
      await requireRoom(t, caller, this.#parts.limitsOf);
      await requireDistinctName(t, caller, request.name);
      return insertSkill(t, caller.operatorId, this.#reviewed(request), { content, digest });
    });
    return this.#show(caller, skillId, content);
  }

  /**
   * Changes the given fields. A change of content makes a new version: `version` when it is higher
   * than the current one, else the next patch. Throws SKILL_NOT_FOUND, VERSION_CONFLICT, and what
   * `publish` throws.
   */
  async update(caller: Caller, skillId: string, request: UpdateRequest): Promise<PublishedSkill> {
    const before = await this.#parts.store.read(async (r) =>
      draftOf(r, await requireOwn(r, caller, skillId)),
    );
    const content = contentOf(mergedDraft(before.draft, request));
    await requireUsableSchemas(this.#parts.schemas, content);
    await requireFittingExamples(this.#parts.schemas, content, {
      ...before.examples,
      ...withoutUndefined(request),
    });
    const digest = digestOf(content);
    const changed = digest !== digestOf(contentOf(before.draft));
    if (request.execution_steps) await this.#parts.code.requireParsing(caller, content.steps);
    await this.#parts.store.transact([caller.operatorId], async (t) => {
      await requireServedOperator(t, caller.operatorId);
      const skill = await requireOwn(t, caller, skillId);
      if (skill.version_id !== before.current.id) throw new DomainError("BUSY");
      if (request.agent_id !== undefined) await requireOwnAgent(t, caller, request.agent_id);
      await this.#apply(t, skill, {
        current: before.current,
        request,
        change: { content, digest, changed },
      });
    });
    return this.#show(caller, skillId, content);
  }

  async #apply(
    t: Transaction,
    skill: Skill,
    {
      current,
      request,
      change: { content, digest, changed: contentChanged },
    }: {
      readonly current: SkillVersion;
      readonly request: UpdateRequest;
      readonly change: DigestedContent & { readonly changed: boolean };
    },
  ): Promise<void> {
    const ttl = request.invocation_ttl_seconds ?? current.invocation_ttl_seconds;
    const changed = contentChanged || ttl !== current.invocation_ttl_seconds;
    const version = nextVersion(current.version, request.version, changed);
    const bound = this.#parts.review === "manual" || skill.review_locked === 1;
    const review = bound ? "manual" : (request.review ?? skill.review);
    const {
      description,
      tags,
      agent_id,
      accepts_requests,
      min_version,
      example_input,
      example_output,
    } = request;
    let versionId = skill.version_id;
    if (version !== current.version) {
      versionId = newId("sver");
      const row = {
        id: versionId,
        skill_id: skill.id,
        version,
        digest,
        invocation_ttl_seconds: ttl,
      };
      await t.skills.addVersion(versionOf(content, row));
      await sealSteps(t, versionId, content.steps);
    }
    await t.skills.update(skill.id, {
      description,
      tags,
      ...withoutUndefined({ example_input, example_output }),
      ...(agent_id === undefined ? {} : { agent_id }),
      ...(min_version === undefined ? {} : { min_version }),
      ...(accepts_requests === undefined ? {} : { accepts_requests: accepts_requests ? 1 : 0 }),
      review,
      status: statusAfterChange({ ...skill, review, version_id: versionId }),
    });
    await t.audit.append({
      operatorId: skill.publisher_id,
      action: "skill.update",
      outcome: "success",
      details: { skill_id: skill.id, version, digest },
    });
    if (versionId !== skill.version_id)
      await t.ratings.summarise(skill.id, content.price_per_invocation);
  }

  /** Applies the host's rule: a publisher can ask for a review, and cannot waive one. */
  #reviewed(request: PublishRequest): PublishRequest {
    return this.#parts.review === "manual" ? { ...request, review: "manual" } : request;
  }

  async #show(caller: Caller, skillId: string, content: SkillContent): Promise<PublishedSkill> {
    const warnings = warningsOf(content);
    const skill = await this.#parts.store.read(async (r) => {
      const own = await requireOwn(r, caller, skillId);
      return detailOf(r, caller, {
        skill: own,
        version: await r.skills.getVersion(own.version_id),
      });
    });
    return warnings.length === 0 ? skill : { ...skill, warnings };
  }
}

/** Returns the current version as a publisher's draft. */
async function draftOf(r: Reader, skill: Skill) {
  const current = await r.skills.getVersion(skill.version_id);
  const steps = await readSteps(r, current);
  const draft: Draft = {
    execution_mode: current.execution_mode,
    credential_mode: current.credential_mode,
    trust_level_required: current.trust_level_required,
    price_per_invocation: current.price_cents,
    input_schema: current.input_schema,
    output_schema: current.output_schema,
    invocation_ttl_seconds: current.invocation_ttl_seconds,
    execution_steps: steps.length > 0 ? steps : undefined,
    required_credentials: current.required_credentials,
    seller_credential_limit: current.seller_credential_limit ?? undefined,
    egress: { hosts: current.egress_hosts },
    volatile: current.volatile === 1,
    refusals: current.refusals,
  };
  const { example_input, example_output } = skill;
  const examples = {
    example_input: example_input ?? undefined,
    example_output: example_output ?? undefined,
  };
  return { current, draft, examples };
}
/** Drops fields that a new execution mode does not have. */
function mergedDraft(before: Draft, request: UpdateRequest): Draft {
  const kept: Partial<Draft> = {
    ...(request.execution_mode === "open"
      ? { execution_steps: undefined, refusals: undefined }
      : {}),
    ...(request.credential_mode === "none"
      ? { required_credentials: [], seller_credential_limit: undefined }
      : {}),
  };
  return { ...before, ...kept, ...withoutUndefined(request) };
}

function withoutUndefined<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}

async function sameOrConflict(
  t: Transaction,
  existing: Skill,
  request: PublishRequest,
  digest: string,
): Promise<string> {
  const current = await t.skills.getVersion(existing.version_id);
  const sameContent = current.digest === digest && current.version === request.version;
  const sameListing =
    existing.description === request.description &&
    existing.agent_id === (request.agent_id ?? null) &&
    existing.tags.join() === request.tags.join() &&
    isSame(existing.example_input, request.example_input) &&
    isSame(existing.example_output, request.example_output) &&
    existing.accepts_requests === (request.accepts_requests ? 1 : 0) &&
    (existing.review === request.review || request.review === "auto") &&
    current.invocation_ttl_seconds === request.invocation_ttl_seconds;
  if (sameContent && sameListing) return existing.id;
  const message = `You already publish a skill of this name with other content. Change it with stack_update_skill, or use another name.`;
  throw new DomainError("VERSION_CONFLICT", message, {
    skill_id: existing.id,
    version: current.version,
  });
}

function isSame(kept: Json, given: Json | undefined): boolean {
  return JSON.stringify(kept) === JSON.stringify(given ?? null);
}
