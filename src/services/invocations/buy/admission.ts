import type { Skill, SkillVersion } from "../../../../storage/repositories/skill-rows.ts";
import type { ListedSkill } from "../../../../storage/repositories/skills.ts";
import type { Caller } from "../../../domain/identity/caller.ts";
import type { OwnedCredential } from "../../../domain/identity/connection.ts";
import {
  fieldsOf,
  isRunHere,
  type Prompt,
  providersOf,
  type TrustLevel,
} from "../../../domain/market/skill.ts";
import { mandateProblems } from "../../../domain/money/mandate.ts";
import {
  type PriceList,
  reserveCents,
  reserveMicroUsd,
  serviceReserveCents,
} from "../../../domain/runs/metering.ts";
import { danglingReference } from "../../../domain/runs/prompt-template.ts";
import type { LlmProviders } from "../../../llm/llm-providers.ts";
import type { SchemaChecker } from "../../../schemas/schema-checker.ts";
import { DomainError } from "../../../shared/errors.ts";
import { LIMITS } from "../../../shared/limits.ts";
import type { Measured } from "../../../shared/payload.ts";
import type { EgressService } from "../../egress/egress-service.ts";
import type { SkillService } from "../../skills/skill-service.ts";
import { boundsOf, credentialsOf, serverProviders } from "../../skills/version-needs.ts";
import { requirePayload, requireValidPayload } from "../../validate-payload.ts";

export interface AdmissionParts {
  readonly skills: SkillService;
  readonly schemas: SchemaChecker;
  readonly llm: LlmProviders;
  readonly egress: EgressService;
  readonly prices: PriceList;
  /** The prompt of a model step of a version. */
  readonly promptOf: (versionId: string, index: number) => Promise<Prompt>;
}

/** The highest cost of an invocation. */
export interface Terms {
  readonly priceCents: number;
  readonly reserveCents: number;
  /** The highest cost of calls with the publisher's credentials, 15 % included. */
  readonly serviceCents: number;
  /** Price and reserves: what is held, and the most that can be charged. */
  readonly holdCents: number;
  /** The most compute that the invocation can use. */
  readonly microUsd: number;
}

/**
 * The obstacles between a caller and an invocation, found before any money is held. A quote reports
 * the same list.
 */
export class Admission {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  terms({ version }: ListedSkill, input: Measured): Terms {
    const { prices } = this.#parts;
    const { pipeline, price_cents: priceCents } = version;
    const inputChars = input.json.length;
    const ownKeys = version.required_credentials.map(({ provider }) => provider);
    const order = { pipeline, inputChars, ownKeys };
    const reserve = priceCents === 0 ? 0 : reserveCents(order, prices);
    const serviceCents = serviceReserveCents(priceCents, boundsOf(version));
    const holdCents = priceCents + reserve + serviceCents;
    return {
      priceCents,
      reserveCents: reserve,
      serviceCents,
      holdCents,
      microUsd: reserveMicroUsd(order, prices),
    };
  }

  /** Tells whether the stand-in would answer a model step of the skill. */
  usesStandIn({ version }: ListedSkill): boolean {
    return this.#parts.llm.usesStandIn(serverProviders(version));
  }

  /**
   * Yields the obstacles one after the other: a caller that stops at the first skips the other
   * checks. Without an input the input is not checked.
   */
  async *obstacles(
    caller: Caller,
    listed: ListedSkill,
    input: Measured | undefined,
    holdCents: number,
  ): AsyncGenerator<DomainError> {
    const { skill, version } = listed;
    yield* withheldFrom(caller, listed, holdCents);
    if (skill.status === "suspended" || skill.status === "pending_review") {
      yield notActive(skill);
    }
    const tooLow = await this.#trustTooLow(caller, trustRequired(listed));
    if (tooLow) yield tooLow;
    const misfit = input && (await refusalOf(() => this.#requireFitting(listed, input)));
    if (misfit) yield misfit;
    const dangling = input && !misfit && (await this.#findDangling(version, input));
    if (dangling) yield dangling;
    const unconnected =
      isRunHere(version.execution_mode) && (await this.#findUnconnected(caller, listed));
    if (unconnected) yield unconnected;
    const { llm } = this.#parts;
    const unserved = await refusalOf(async () => {
      const ours = serverProviders(version);
      llm.requireAll(ours);
      llm.requireKnown(
        providersOf(version.pipeline).filter((provider) => !ours.includes(provider)),
      );
    });
    if (unserved) yield unserved;
  }

  /**
   * Lists the services that a run would call, each with the owner of its credential and, where
   * connected, its hosts.
   */
  async services(caller: Caller, { skill, version }: ListedSkill) {
    const sides = { buyerId: caller.operatorId, publisherId: skill.publisher_id };
    return this.#parts.egress.describe({ ...sides, credentials: credentialsOf(version) });
  }

  /**
   * A prompt that refers to what this input does not have would be sent with a hole in it, and
   * paid.
   */
  async #findDangling(version: SkillVersion, input: Measured): Promise<DomainError | undefined> {
    for (const [index, step] of version.pipeline.entries()) {
      if (step.type !== "llm" || step.input_references === 0) continue;
      const { system_prompt = "", user_message } = await this.#parts.promptOf(version.id, index);
      const reference = danglingReference(`${system_prompt}\n${user_message}`, input.value);
      if (reference !== undefined) return missingIn(version, reference);
    }
    return undefined;
  }

  async #findUnconnected(
    caller: Caller,
    { skill, version }: ListedSkill,
  ): Promise<DomainError | undefined> {
    const credentials = credentialsOf(version);
    if (credentials.length === 0) return undefined;
    const sides = { buyerId: caller.operatorId, publisherId: skill.publisher_id };
    const missing = await this.#parts.egress.findMissing(
      { ...sides, credentials },
      providersOf(version.pipeline),
    );
    return missing ?? this.#findWithheld(caller, credentials);
  }

  /** The buyer's connections that its agent was not given. */
  async #findWithheld({ agent, operatorId }: Caller, credentials: readonly OwnedCredential[]) {
    if (!agent) return undefined;
    const needed = credentials.filter(({ provided_by }) => provided_by === "buyer");
    const withheld = await this.#parts.egress.findWithheld(operatorId, needed, agent.services);
    if (withheld === undefined) return undefined;
    const message = `The agent was not given the connection to ${withheld}. Its operator gives it with stack_update_agent (allowed_connections).`;
    return new DomainError("FORBIDDEN", message, { provider: withheld });
  }

  async #trustTooLow(caller: Caller, required: TrustLevel): Promise<DomainError | undefined> {
    if (required === "L0") return undefined;
    const { allowed, evaluation, required_level, your_level } = await this.#parts.skills.judgeTrust(
      caller,
      required,
    );
    if (allowed) return undefined;
    return new DomainError("TRUST_LEVEL_INSUFFICIENT", evaluation, { required_level, your_level });
  }

  async #requireFitting({ skill, version }: ListedSkill, input: Measured): Promise<void> {
    requirePayload("input", input, LIMITS.inputBytes);
    const example = skill.version_id === version.id ? skill.example_input : null;
    await requireValidPayload(this.#parts.schemas, "INPUT_INVALID", {
      schema: version.input_schema,
      value: input.value,
      example,
    });
  }
}

/** Finds the obstacles of an agent: its skills, and its passport's mandate. */
function withheldFrom(
  { agent, passport }: Caller,
  { skill }: ListedSkill,
  holdCents: number,
): DomainError[] {
  const { id: skillId, publisher_id: publisherId } = skill;
  if (agent?.allowedSkills && !agent.allowedSkills.includes(skillId))
    return [new DomainError("UNAUTHORIZED_SKILL_ACCESS")];
  return passport?.mandate
    ? mandateProblems(passport.jti, passport.mandate, { skillId, publisherId, holdCents })
    : [];
}

/** Throws PRICE_ABOVE_LIMIT when the hold is above the caller's `max_charge_cents`. */
export function requireAffordable(terms: Terms, maxChargeCents: number | undefined): void {
  const { priceCents, reserveCents, serviceCents, holdCents } = terms;
  if (maxChargeCents === undefined || holdCents <= maxChargeCents) return;
  const calls =
    serviceCents === 0 ? "" : ` and ${serviceCents} for calls with its publisher's credentials`;
  const message = `The invocation could cost ${holdCents} cents (price ${priceCents}, at most ${reserveCents} for compute${calls}), and max_charge_cents is ${maxChargeCents}. Nothing was held.`;
  const details = {
    price_cents: priceCents,
    reserve_cents: reserveCents,
    service_reserve_cents: serviceCents,
    hold_cents: holdCents,
  };
  throw new DomainError("PRICE_ABOVE_LIMIT", message, details);
}

/** Returns the required trust level: a pinned version asks for no less than the skill now. */
export function trustRequired({ skill, version }: ListedSkill): TrustLevel {
  const { trust_level_required: now } = skill;
  return now > version.trust_level_required ? now : version.trust_level_required;
}

/** The prompt's text is its publisher's: only a field that its schema names is named. */
function missingIn({ input_schema: schema }: SkillVersion, reference: string): DomainError {
  const [, field = ""] = /^\$INPUT\.([A-Za-z0-9_-]+)/.exec(reference) ?? [];
  const known = fieldsOf(schema).includes(field);
  const what = known ? `the field ${field}, or a part of it,` : "a part of the input";
  const message = `The skill's prompt needs ${what} that this input does not have. Add it to the input, or tell the skill's publisher.`;
  return new DomainError("INPUT_INVALID", message, known ? { field: `input.${field}` } : undefined);
}

/** Only its publisher gets here: to others such a skill does not exist. */
function notActive({ status }: Skill): DomainError {
  const message =
    status === "pending_review"
      ? "The skill waits for review: it can be invoked when an admin has approved it. stack_test_skill tries a draft."
      : "The skill is suspended. stack_activate_skill offers it again.";
  return new DomainError("SKILL_NOT_ACTIVE", message, { status });
}

async function refusalOf(check: () => Promise<void>): Promise<DomainError | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}
