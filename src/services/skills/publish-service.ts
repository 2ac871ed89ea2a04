import { sealedOwner } from "../../../storage/repositories/sealed-blobs.ts";
import type { Skill } from "../../../storage/repositories/skills.ts";
import type { Store, Transaction } from "../../../storage/store.ts";
import type { Caller } from "../../domain/caller.ts";
import { planSteps, promptOf } from "../../domain/pipeline-plan.ts";
import type { SkillContent, Step } from "../../domain/skill.ts";
import type { SchemaChecker } from "../../schemas/schema-checker.ts";
import { DomainError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import { digestOf, type Json, type JsonObject } from "../../shared/json.ts";
import { LIMITS } from "../../shared/limits.ts";
import { detailOf, type SkillDetail } from "./skill-view.ts";

export interface PublishRequest extends Omit<SkillContent, "steps"> {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly tags: readonly string[];
  readonly agent_id?: string | undefined;
  readonly invocation_ttl_seconds: number;
  readonly execution_steps?: readonly Step[] | undefined;
}

export class PublishService {
  readonly #store: Store;
  readonly #schemas: SchemaChecker;

  constructor(store: Store, schemas: SchemaChecker) {
    this.#store = store;
    this.#schemas = schemas;
  }

  /**
   * Publishes a skill; its steps are sealed before anything is stored. Publishing the very same again gives the skill that
   * is there. Throws INVALID_REQUEST, SCHEMA_UNSUPPORTED, or VERSION_CONFLICT for a name of one's own that is taken.
   */
  async publish(caller: Caller, request: PublishRequest): Promise<SkillDetail> {
    const content = contentOf(request);
    await this.#requireUsableSchema("input_schema", content.input_schema);
    if (!takesObjects(content.input_schema)) {
      throw misfit("input_schema", "input_schema must accept an object: an input is always a JSON object.");
    }
    await this.#requireUsableSchema("output_schema", content.output_schema);
    const digest = digestOf(content);
    const skillId = await this.#store.transact(async (t) => {
      const existing = await t.skills.findByName(caller.operatorId, request.name);
      if (existing) return sameOrConflict(t, existing, request, digest);
      return insertSkill(t, caller, request, content, digest);
    });
    return this.#store.read(async (r) => {
      const skill = await r.skills.find(skillId);
      if (!skill) throw new DomainError("SKILL_NOT_FOUND");
      return detailOf({ skill, version: await r.skills.getVersion(skill.version_id) });
    });
  }

  async #requireUsableSchema(field: string, schema: Json): Promise<void> {
    const problem = await this.#schemas.schemaProblem(schema);
    if (problem === undefined) return;
    throw new DomainError("SCHEMA_UNSUPPORTED", `${field} is not accepted: ${problem}.`, { field });
  }
}

function contentOf(request: PublishRequest): SkillContent {
  const steps = request.execution_steps ?? [];
  if (request.execution_mode === "sealed" && steps.length === 0) {
    throw misfit("execution_steps", "A sealed skill needs 1 to 10 execution_steps: they are what the server runs.");
  }
  if (request.execution_mode === "open" && steps.length > 0) {
    throw misfit(
      "execution_steps",
      'An open skill has no execution_steps: its provider does the work. Set execution_mode to "sealed" to have the server run them.',
    );
  }
  const codeChars = steps.reduce((sum, step) => sum + (step.type === "script" ? step.code.length : 0), 0);
  if (codeChars > LIMITS.totalCodeChars) {
    throw misfit(
      "execution_steps",
      `All code together has ${codeChars} characters; at most ${LIMITS.totalCodeChars} are allowed.`,
    );
  }
  return {
    execution_mode: request.execution_mode,
    credential_mode: request.credential_mode,
    trust_level_required: request.trust_level_required,
    price_per_invocation: request.price_per_invocation,
    input_schema: request.input_schema,
    output_schema: request.output_schema,
    steps,
  };
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
    current.invocation_ttl_seconds === request.invocation_ttl_seconds;
  if (sameContent && sameListing) return existing.id;
  const message = "You already publish a skill of this name with other content. Use another name.";
  throw new DomainError("VERSION_CONFLICT", message, { skill_id: existing.id, version: current.version });
}

async function insertSkill(
  t: Transaction,
  caller: Caller,
  request: PublishRequest,
  content: SkillContent,
  digest: string,
): Promise<string> {
  const id = newId("skl");
  const versionId = newId("sver");
  await t.skills.insert({
    id,
    publisher_id: caller.operatorId,
    agent_id: request.agent_id ?? null,
    name: request.name,
    description: request.description,
    tags: request.tags,
    status: "active",
    version_id: versionId,
  });
  await t.skills.insertVersion({
    id: versionId,
    skill_id: id,
    version: request.version,
    digest,
    execution_mode: content.execution_mode,
    credential_mode: content.credential_mode,
    trust_level_required: content.trust_level_required,
    price_cents: content.price_per_invocation,
    invocation_ttl_seconds: request.invocation_ttl_seconds,
    input_schema: content.input_schema,
    output_schema: content.output_schema,
    pipeline: planSteps(content.steps),
  });
  for (const [index, step] of content.steps.entries()) await sealStep(t, versionId, index, step);
  await t.audit.append({
    operatorId: caller.operatorId,
    layer: "skills",
    action: "skill.publish",
    outcome: "success",
    agentId: request.agent_id,
    details: { skill_id: id, version: request.version, digest },
  });
  return id;
}

async function sealStep(t: Transaction, versionId: string, index: number, step: Step): Promise<void> {
  if (step.type === "script") await t.sealed.insert(sealedOwner.script(versionId, index), step.code);
  else await t.sealed.insert(sealedOwner.prompt(versionId, index), JSON.stringify(promptOf(step, index)));
}

function takesObjects(schema: JsonObject | boolean): boolean {
  if (typeof schema === "boolean") return schema;
  const { type } = schema;
  return type === undefined || type === "object" || (Array.isArray(type) && type.includes("object"));
}

function misfit(field: string, message: string): DomainError {
  return new DomainError("INVALID_REQUEST", message, { field });
}
